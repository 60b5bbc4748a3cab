import type { Attempt } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import type { RefusedChat } from '../channels/classify-telegram-errors.ts';
import type { SendLane, Turn } from '../channels/send-budget/send-budget.ts';
import type { TelegramChannel, TelegramSendResult } from '../channels/telegram.ts';
import type { Database } from '../db/database.ts';
import { markTelegramUnreachable, moveChat } from '../db/reachability.ts';
import type { Logger } from '../observability/log.ts';
import { loggedId } from '../observability/logged-id.ts';
import { CHANNEL_RETRY_MS } from './channel-retry.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { OVERTAKEN } from './overtaken.ts';
import type { ReadyMessage } from './ready-message.ts';
import { deliveredByTelegram, outcomeUnknown, type Receipt } from './receipt.ts';
import { createRefusedTexts } from './refused-texts.ts';

/** After the answer of a chat that is not the user's any more. */
const NEW_CHAT_RETRY_MS = 50;

/** The chat takes nothing until its user acts, or has another id now, which is remembered; nothing was sent. */
const LOST = Object.freeze({ kind: 'lost' } as const);
/** Telegram does not take our HTML; nothing was sent, and the next send of this message is plain text. */
const REJECTED = Object.freeze({ kind: 'rejected' } as const);

/** How one send goes out. */
export interface Departure {
  chatId: number;
  turn: Turn;
  /** Where the turn is from. */
  sends: Pick<SendLane, 'refused'>;
}

/** One send over Telegram, in its turn. `rejected` is never the answer to plain text. */
export interface TelegramLeg {
  send(
    message: ReadyMessage,
    departure: Departure,
    attempt: Attempt,
  ): Promise<Outcome<Receipt> | typeof LOST | typeof REJECTED>;
}

type Rendered = ReturnType<ReadyMessage['toTelegram']>;

export function createTelegramLeg(deps: {
  database: Database;
  telegram: TelegramChannel;
  clock(): Date;
  log: Logger;
}): TelegramLeg {
  const { database, telegram, clock, log } = deps;
  const refusedTexts = createRefusedTexts();

  /** Nothing was sent, so the attempt may be repeated: when the mark could not be made, or the user has a new chat. */
  async function refusedByChat(userId: number, chatId: number, reason: RefusedChat) {
    if (await markTelegramUnreachable(database, { userId, chatId, reason, now: clock() })) return LOST;
    const failure = { code: 'chat_replaced', message: `the chat is not the user's any more (${reason})` };
    return { kind: 'deferred', failure, delayMs: NEW_CHAT_RETRY_MS } as const;
  }

  async function followGroup(from: number, to: number) {
    await moveChat(database, from, to);
    return LOST;
  }

  /** Plain text is the last word: whatever was wrong, it was not the HTML. */
  function refusedText(message: ReadyMessage, failure: Failure) {
    if (refusedTexts.has(message)) return failed(failure);
    const { event } = message;
    if (refusedTexts.add(message))
      log.error(
        { event_id: loggedId(event.id), event_type: event.type, reason: failure.code },
        'Telegram refused our text',
      );
    return REJECTED;
  }

  async function conclude(
    message: ReadyMessage,
    departure: Departure,
    result: TelegramSendResult,
    { card_version, is_confirmed = false }: Rendered,
  ) {
    const { person } = message;
    const { chatId, sends } = departure;
    switch (result.kind) {
      case 'delivered':
        refusedTexts.remove(message);
        return {
          kind: 'done',
          receipt: deliveredByTelegram(person, result, { card_version, is_confirmed }),
        } as const;
      case 'unreachable':
        return await unlessDatabaseAway(() => refusedByChat(person.user_id, chatId, result.reason));
      case 'migrated':
        if (result.chatId === chatId) return failed(result.failure);
        return await unlessDatabaseAway(() => followGroup(chatId, result.chatId));
      case 'rate_limited':
        await sends.refused(chatId, result.retryAfterMs);
        return { kind: 'deferred', failure: result.failure, delayMs: result.retryAfterMs } as const;
      case 'channel_down':
        return { kind: 'deferred', failure: result.failure, delayMs: CHANNEL_RETRY_MS } as const;
      case 'content_rejected':
        return refusedText(message, result.failure);
      case 'failed':
        return failed(result.failure);
      case 'unknown':
        return message.whenUnknown === 'retry'
          ? failed(result.failure)
          : ({ kind: 'done', receipt: outcomeUnknown(person, result.failure) } as const);
      default:
        return result satisfies never;
    }
  }

  return {
    async send(message, departure, { signal, isCurrent }) {
      const { chatId, turn } = departure;
      const rendered = message.toTelegram();
      if (!isCurrent()) return OVERTAKEN;
      const { paid, silent } = message;
      const manner = { asText: refusedTexts.has(message), paid, silent };
      const result = await telegram.send(chatId, rendered.message, signal, manner);
      // Where nothing was sent there was no answer, and nothing to learn of the way there.
      if (result.kind !== 'channel_down') turn.answered();
      return await conclude(message, departure, result, rendered);
    },
  };
}

function failed(failure: Failure) {
  return { kind: 'failed', failure: { ...failure, channel: 'telegram' } } as const;
}
