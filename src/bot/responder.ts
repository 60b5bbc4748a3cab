import type { Api } from 'grammy';
import pLimit from 'p-limit';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import { type BotCallFailure, classifyBotCallError } from '../channels/classify-telegram-errors.ts';
import type { SendLane, Turn } from '../channels/send-budget/send-budget.ts';
import type { TelegramApi } from '../channels/telegram-api.ts';
import type { Database } from '../db/database.ts';
import { markChatUnreachable, moveChat } from '../db/reachability.ts';
import { parseTelegramHtml } from '../messages/telegram-html.ts';
import type { Logger } from '../observability/log.ts';
import type { BotResponse } from './bot-response.ts';
import type { Held } from './held.ts';

/** Calls under way at once; waits between tries do not count. */
const CALLS_AT_ONCE = 32;
/** How long Telegram's own errors (5xx) are answered with another try. An outage passes; what always fails must not hold a chat up. */
const ERRORS_FOR_MS = 300_000;
/** How often a message is sent whose first try had no answer: twice is better than not at all. */
const SENDS_WITHOUT_ANSWER = 2;

type CallSignal = NonNullable<Parameters<Api['getMe']>[0]>;

/** Shows in Telegram what the bot has decided. */
export interface Responder {
  /**
   * Repeats until it is done, or until nothing helps (which is logged). False when `held` ended before: whoever goes on repeats
   * it. Rejects only for the database.
   */
  perform(response: BotResponse, held: Held): Promise<boolean>;
}

/** One response on its way; the tries change it. */
interface Task {
  response: BotResponse;
  /** Telegram did not take the HTML. */
  asText: boolean;
  /** Too late to delete: the buttons go instead. */
  stripOnly: boolean;
  sendsWithoutAnswer: number;
  failures: number;
  failingSince: number | null;
}

/** What is to be done after a try: wait and repeat, or no more. */
type Next = { repeatInMs: number } | 'done';

/** The holding is: nothing was called. */
const OVER = 'over';

const NO_PREVIEW = { link_preview_options: { is_disabled: true } } as const;

function contentOf(html: string, asText: boolean): { text: string; mode: { parse_mode?: 'HTML' } } {
  if (!asText) return { text: html, mode: { parse_mode: 'HTML' } };
  const parsed = parseTelegramHtml(html);
  return { text: parsed.ok ? parsed.text : html, mode: {} };
}

async function callFor({ response, asText, stripOnly }: Task, api: Api, signal: CallSignal): Promise<void> {
  switch (response.kind) {
    case 'answer': {
      const { query_id, text, alert } = response;
      await api.answerCallbackQuery(query_id, { ...(text !== '' && { text }), show_alert: alert }, signal);
      return;
    }
    case 'send': {
      const { text, mode } = contentOf(response.html, asText);
      const keyboard = response.keyboard.length > 0 && { reply_markup: { inline_keyboard: response.keyboard } };
      await api.sendMessage(response.chat_id, text, { ...mode, ...NO_PREVIEW, ...keyboard }, signal);
      return;
    }
    case 'edit': {
      const { text, mode } = contentOf(response.html, asText);
      const reply_markup = { inline_keyboard: response.keyboard };
      const more = { ...mode, ...NO_PREVIEW, reply_markup };
      await api.editMessageText(response.chat_id, response.message_id, text, more, signal);
      return;
    }
    case 'buttons': {
      const { chat_id, message_id, keyboard } = response;
      await api.editMessageReplyMarkup(chat_id, message_id, { reply_markup: { inline_keyboard: keyboard } }, signal);
      return;
    }
    case 'delete':
      if (stripOnly) await api.editMessageReplyMarkup(response.chat_id, response.message_id, {}, signal);
      else await api.deleteMessage(response.chat_id, response.message_id, signal);
      return;
    default:
      response satisfies never;
  }
}

export function createResponder(deps: {
  telegram: TelegramApi;
  sends: Pick<SendLane, 'turn' | 'refused'>;
  database: Database;
  log: Logger;
}): Responder {
  const { telegram, sends, database, log } = deps;
  const limit = pLimit(CALLS_AT_ONCE);

  /** Null when the holding ended before: whoever waits begins nothing. */
  async function takeTurn(chatId: number, held: Held): Promise<Turn | null> {
    for (;;) {
      const turn = await sends.turn(chatId, held.ending);
      if (turn?.kind === 'chat_held') {
        if (!(await systemClock.sleep(turn.forMs, held.ending))) return null;
      } else if (!turn || (await turn.begin())) return turn;
    }
  }

  async function perTurn(chatId: number, task: Task, held: Held): Promise<BotCallFailure | typeof OVER | null> {
    const turn = await takeTurn(chatId, held);
    if (!turn) return OVER;
    const failure = await call(task, held);
    turn.answered();
    return failure;
  }

  /** Null when it was done. */
  async function call(task: Task, held: Held): Promise<BotCallFailure | typeof OVER | null> {
    try {
      return await limit(async () => {
        if (held.cut.aborted || !held.isCurrent()) return OVER;
        await telegram.call(held.cut, (api, signal) => callFor(task, api, signal));
        return null;
      });
    } catch (error) {
      return classifyBotCallError(error);
    }
  }

  function giveUp({ response }: Task, { failure }: BotCallFailure): 'done' {
    log.error(
      { call: response.kind, reason: failure.code, said: failure.message },
      'Telegram does not take what the bot shows',
    );
    return 'done';
  }

  function again(task: Task): Next {
    task.failures += 1;
    return { repeatInMs: reconnectDelayMs(task.failures) };
  }

  function againForAWhile(task: Task, failure: BotCallFailure): Next {
    const now = systemClock.monotonicMs();
    task.failingSince ??= now;
    return now - task.failingSince > ERRORS_FOR_MS ? giveUp(task, failure) : again(task);
  }

  async function move(task: Task, failure: Extract<BotCallFailure, { kind: 'migrated' }>): Promise<Next> {
    const { response } = task;
    // The messages of the old chat did not move with it.
    if (response.kind !== 'send') return 'done';
    await moveChat(database, response.chat_id, failure.chatId);
    task.response = { ...response, chat_id: failure.chatId };
    return againForAWhile(task, failure);
  }

  async function refusedByChat({ response }: Task, failure: Extract<BotCallFailure, { kind: 'unreachable' }>) {
    const mark = { reason: failure.reason, now: systemClock.date() };
    if (response.kind !== 'answer') await markChatUnreachable(database, response.chat_id, mark);
    return 'done' as const;
  }

  async function waitOut({ response }: Task, failure: Extract<BotCallFailure, { kind: 'rate_limited' }>) {
    if (response.kind !== 'answer') await sends.refused(response.chat_id, failure.retryAfterMs);
    return { repeatInMs: failure.retryAfterMs };
  }

  async function judge(task: Task, failure: BotCallFailure): Promise<Next> {
    switch (failure.kind) {
      case 'settled':
        return 'done';
      case 'unreachable':
        return await refusedByChat(task, failure);
      case 'migrated':
        return await move(task, failure);
      case 'rate_limited':
        return await waitOut(task, failure);
      case 'channel_down':
        return again(task);
      case 'unknown':
        task.sendsWithoutAnswer += 1;
        if (task.response.kind === 'send' && task.sendsWithoutAnswer >= SENDS_WITHOUT_ANSWER)
          return giveUp(task, failure);
        return again(task);
      case 'undeletable':
        if (task.stripOnly) return 'done';
        task.stripOnly = true;
        return { repeatInMs: 0 };
      case 'content_rejected':
        if (task.asText) return giveUp(task, failure);
        task.asText = true;
        return { repeatInMs: 0 };
      case 'failed':
        return againForAWhile(task, failure);
      case 'conflict':
      case 'refused':
        return giveUp(task, failure);
      default:
        return failure satisfies never;
    }
  }

  return {
    async perform(response, held) {
      const task: Task = {
        ...{ response, asText: false, stripOnly: false },
        ...{ sendsWithoutAnswer: 0, failures: 0, failingSince: null },
      };
      while (!held.cut.aborted) {
        const { response: shown } = task;
        const failure = shown.kind === 'send' ? await perTurn(shown.chat_id, task, held) : await call(task, held);
        if (failure === null) return true;
        if (failure === OVER || held.cut.aborted) return false;
        const next = await judge(task, failure);
        if (next === 'done') return true;
        if (next.repeatInMs > 0 && !(await systemClock.sleep(next.repeatInMs, held.ending))) return false;
      }
      return false;
    },
  };
}
