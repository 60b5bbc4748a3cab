import type { Attempt } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import type { RefusedChat } from '../channels/classify-telegram-errors.ts';
import type { TelegramChannel, TelegramSendResult } from '../channels/telegram.ts';
import type { Database } from '../db/database.ts';
import { markTelegramUnreachable, moveChat } from '../db/reachability.ts';
import type { TelegramMessage } from '../messages/message.ts';
import { renderBookingMessage } from '../messages/render-booking-message.ts';
import type { Logger } from '../observability/log.ts';
import { CHANNEL_RETRY_MS } from './channel-retry.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { OVERTAKEN } from './overtaken.ts';
import { personOf, type ReadyMessage } from './ready-message.ts';
import { deliveredByTelegram, type Receipt } from './receipt.ts';
import { telegramRequest } from './telegram-request.ts';

/** After the answer of a chat that is not the user's any more. */
const NEW_CHAT_RETRY_MS = 50;

/** The chat takes nothing until its user acts, or has another id now, which is remembered; nothing was sent. */
const LOST = Object.freeze({ kind: 'lost' } as const);

/** One attempt over Telegram. */
export interface TelegramLeg {
  send(message: ReadyMessage, chatId: number, attempt: Attempt): Promise<Outcome<Receipt> | typeof LOST>;
}

export function createTelegramLeg(deps: {
  database: Database;
  telegram: TelegramChannel;
  clock(): Date;
  log: Logger;
}): TelegramLeg {
  const { database, telegram, clock, log } = deps;

  function render({ event, recipient: { audience }, facts }: ReadyMessage): TelegramMessage {
    const now = clock();
    return renderBookingMessage(telegramRequest({ event, audience, facts }, { sentAt: now, now }));
  }

  /** Nothing was sent, so the attempt may be repeated: when the mark could not be made, or the user has a new chat. */
  async function refusedByChat(userId: number, chatId: number, reason: RefusedChat) {
    if (await markTelegramUnreachable(database, { userId, chatId, reason })) return LOST;
    const failure = { code: 'chat_replaced', message: `the chat is not the user's any more (${reason})` };
    return { kind: 'deferred', failure, delayMs: NEW_CHAT_RETRY_MS } as const;
  }

  async function followGroup(from: number, to: number) {
    await moveChat(database, from, to);
    return LOST;
  }

  async function conclude(message: ReadyMessage, chatId: number, result: TelegramSendResult, hasButtons: boolean) {
    const { event, recipient, facts } = message;
    switch (result.kind) {
      case 'delivered': {
        const cardVersion = hasButtons ? facts.state.version : null;
        return { kind: 'done', receipt: deliveredByTelegram(personOf(recipient), result, cardVersion) } as const;
      }
      case 'unreachable':
        return await unlessDatabaseAway(() => refusedByChat(recipient.user_id, chatId, result.reason));
      case 'migrated':
        if (result.chatId === chatId) return failed(result.failure);
        return await unlessDatabaseAway(() => followGroup(chatId, result.chatId));
      case 'rate_limited':
        return { kind: 'deferred', failure: result.failure, delayMs: result.retryAfterMs } as const;
      case 'channel_down':
        return { kind: 'deferred', failure: result.failure, delayMs: CHANNEL_RETRY_MS } as const;
      case 'content_rejected':
        log.error({ event: event.id, type: event.type, reason: result.failure.message }, 'Telegram refused our text');
        return failed(result.failure);
      case 'failed':
        return failed(result.failure);
      case 'unknown':
        // A booking message twice is better than none.
        return failed(result.failure);
      default:
        return result satisfies never;
    }
  }

  return {
    async send(message, chatId, { signal, isCurrent }) {
      const rendered = render(message);
      if (!isCurrent()) return OVERTAKEN;
      const result = await telegram.send(chatId, rendered, signal);
      return await conclude(message, chatId, result, rendered.keyboard.length > 0);
    },
  };
}

function failed(failure: Failure) {
  return { kind: 'failed', failure: { ...failure, channel: 'telegram' } } as const;
}
