import type { Outcome } from '#actors/outcome.ts';
import type { Failure } from '#streams/dead-letters.ts';
import type { TelegramChannel, TelegramSendResult } from '../channels/telegram.ts';
import { type DeliveryFacts, loadDeliveryFacts } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { markTelegramUnreachable } from '../db/reachability.ts';
import { supersession } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { type Recipient, settingsRole } from '../domain/recipients.ts';
import { adIsShown, settingFor } from '../domain/settings.ts';
import type { TelegramMessage } from '../messages/message.ts';
import { renderBookingMessage } from '../messages/render-booking-message.ts';
import type { Logger } from '../observability/log.ts';
import { deliveredByTelegram, type Receipt, suppressed } from './receipt.ts';

/** How long a recipient waits while the channel itself is away. */
const CHANNEL_RETRY_MS = 2000;

/** One attempt to tell one person of a booking event, with the facts as they stand now. */
export interface BookingDelivery {
  deliver(event: BookingEvent, recipient: Recipient, signal: AbortSignal): Promise<Outcome<Receipt>>;
}

export function createBookingDelivery(deps: {
  database: Database;
  telegram: TelegramChannel;
  clock(): Date;
  log: Logger;
}): BookingDelivery {
  const { database, telegram, clock, log } = deps;

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

  async function conclude(
    event: BookingEvent,
    recipient: Recipient,
    result: TelegramSendResult,
  ): Promise<Outcome<Receipt>> {
    const person = { user_id: recipient.user_id, role: recipient.audience };
    const failed = (failure: Failure) => ({ kind: 'failed', failure: { ...failure, channel: 'telegram' } }) as const;
    switch (result.kind) {
      case 'delivered':
        return { kind: 'done', receipt: deliveredByTelegram(person, result) };
      case 'unreachable':
        await markTelegramUnreachable(database, recipient.user_id, result.reason);
        return { kind: 'done', receipt: suppressed(person, `unreachable:${result.reason}`) };
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
      const person = { user_id: recipient.user_id, role: recipient.audience };
      const facts = await loadDeliveryFacts(database, event, recipient.user_id);
      if (!facts) return { kind: 'done', receipt: suppressed(person, 'deleted') };
      const stale = supersession(event, facts.state);
      if (stale) return { kind: 'done', receipt: suppressed(person, stale) };

      const { user } = facts;
      if (user.tg_id === null || !recipient.channels.includes('telegram'))
        return { kind: 'done', receipt: suppressed(person, 'no_channel') };
      if (user.telegram_unreachable !== null)
        return { kind: 'done', receipt: suppressed(person, `unreachable:${user.telegram_unreachable}`) };
      return await conclude(event, recipient, await telegram.send(user.tg_id, render(event, recipient, facts), signal));
    },
  };
}
