import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import type { UnreachableReason } from '../channels/classify-telegram-errors.ts';
import type { TelegramChannel, TelegramSendResult } from '../channels/telegram.ts';
import { createDeliveryFactsReader, type DeliveryFacts } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { markTelegramUnreachable } from '../db/reachability.ts';
import { supersession } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { type Recipient, settingsRole } from '../domain/recipients.ts';
import { adIsShown, settingFor } from '../domain/settings.ts';
import type { TelegramMessage } from '../messages/message.ts';
import { renderBookingMessage } from '../messages/render-booking-message.ts';
import type { Logger } from '../observability/log.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { deliveredByTelegram, type Receipt, suppressed } from './receipt.ts';

/** How long a recipient waits while the channel itself is away. */
const CHANNEL_RETRY_MS = 2000;
/** After the answer of a chat that is not the user's any more. */
const NEW_CHAT_RETRY_MS = 50;

/** One attempt to tell one person of a booking event, with the facts as they stand now. */
export interface BookingDelivery {
  deliver(event: BookingEvent, recipient: Recipient, signal: AbortSignal): Promise<Outcome<Receipt>>;
}

interface Send {
  kind: 'send';
  /** In the place in which they hear. */
  recipient: Recipient;
  chatId: number;
  message: TelegramMessage;
}

export function createBookingDelivery(deps: {
  database: Database;
  telegram: TelegramChannel;
  clock(): Date;
  log: Logger;
}): BookingDelivery {
  const { database, telegram, clock, log } = deps;
  const loadFacts = createDeliveryFactsReader(database);

  function render(event: BookingEvent, recipient: Recipient, facts: DeliveryFacts): TelegramMessage {
    const recipient_role = settingsRole(recipient.audience);
    const setting = settingFor(facts.settings, { event_type: event.type, recipient_role, channel: 'telegram' });
    const ad = facts.adTemplates.find(({ id }) => id === setting.ad_template_id);
    return renderBookingMessage({
      event,
      audience: recipient.audience,
      locale: facts.user.locale,
      booking: facts.booking,
      ad_html: ad && adIsShown(ad, clock()) ? ad.content_tg : undefined,
    });
  }

  /** What to send where, or why nothing is sent. */
  async function prepare(event: BookingEvent, recipient: Recipient): Promise<Send | Outcome<Receipt>> {
    const without = (reason: string) => ({ kind: 'done', receipt: suppressed(personOf(recipient), reason) }) as const;
    const facts = await loadFacts(event, { userId: recipient.user_id, role: settingsRole(recipient.audience) });
    if (!facts) return without('deleted');
    const stale = supersession(event, facts.state, recipient);
    if (stale) return recipient.otherwise ? await prepare(event, recipient.otherwise) : without(stale);
    const { tg_id, telegram_unreachable } = facts.user;
    if (tg_id === null || !recipient.channels.includes('telegram')) return without('no_channel');
    if (telegram_unreachable !== null) return without(`unreachable:${telegram_unreachable}`);
    return { kind: 'send', recipient, chatId: tg_id, message: render(event, recipient, facts) };
  }

  /** Nothing was sent, so the attempt may be repeated: when the mark could not be made, or the user has a new chat. */
  async function refusedByChat(
    recipient: Recipient,
    chatId: number,
    reason: UnreachableReason,
  ): Promise<Outcome<Receipt>> {
    const mark = { userId: recipient.user_id, chatId, reason };
    if (await markTelegramUnreachable(database, mark))
      return { kind: 'done', receipt: suppressed(personOf(recipient), `unreachable:${reason}`) };
    const failure = { code: 'chat_replaced', message: `the chat is not the user's any more (${reason})` };
    return { kind: 'deferred', failure, delayMs: NEW_CHAT_RETRY_MS };
  }

  async function conclude(
    event: BookingEvent,
    recipient: Recipient,
    chatId: number,
    result: TelegramSendResult,
  ): Promise<Outcome<Receipt>> {
    const failed = (failure: Failure) => ({ kind: 'failed', failure: { ...failure, channel: 'telegram' } }) as const;
    switch (result.kind) {
      case 'delivered':
        return { kind: 'done', receipt: deliveredByTelegram(personOf(recipient), result) };
      case 'unreachable':
        return await unlessDatabaseAway(() => refusedByChat(recipient, chatId, result.reason));
      case 'rate_limited':
        return { kind: 'deferred', failure: result.failure, delayMs: result.retryAfterMs };
      case 'channel_down':
        return { kind: 'deferred', failure: result.failure, delayMs: CHANNEL_RETRY_MS };
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
    async deliver(event, recipient, signal) {
      const prepared = await unlessDatabaseAway(() => prepare(event, recipient));
      if (prepared.kind !== 'send') return prepared;
      const { chatId, message } = prepared;
      return await conclude(event, prepared.recipient, chatId, await telegram.send(chatId, message, signal));
    },
  };
}

function personOf({ user_id, audience }: Recipient) {
  return { user_id, role: audience };
}
