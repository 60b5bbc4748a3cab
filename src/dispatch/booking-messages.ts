import type { Outcome } from '#actors/outcome.ts';
import { notificationTag, pushOptionsFor } from '../channels/web-push/push-options.ts';
import { createDeliveryFactsReader, type DeliveryFacts } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { supersession } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { type Recipient, settingsRole } from '../domain/recipients.ts';
import type { Links } from '../links/links.ts';
import { renderBookingMessage } from '../messages/render-booking-message.ts';
import { renderBookingPush } from '../messages/render-booking-push.ts';
import type { ReadyMessage } from './ready-message.ts';
import { type Receipt, suppressed } from './receipt.ts';
import { telegramRequest } from './telegram-request.ts';

/** What a booking event says to one person, with the facts as they stand now; or why they are not to hear it any more. */
export interface BookingMessages {
  read(event: BookingEvent, recipient: Recipient): Promise<ReadyMessage | Outcome<Receipt>>;
}

export function createBookingMessages(deps: {
  database: Pick<Database, 'read'>;
  links: Pick<Links, 'bookingUrl'>;
  clock(): Date;
}): BookingMessages {
  const { links, clock } = deps;
  const loadFacts = createDeliveryFactsReader(deps.database);

  function telegramOf(event: BookingEvent, { audience }: Recipient, facts: DeliveryFacts) {
    const now = clock();
    const message = renderBookingMessage(telegramRequest({ event, audience, facts }, { sentAt: now, now }));
    return { message, card_version: message.keyboard.length > 0 ? facts.state.version : null };
  }

  function webPushOf(event: BookingEvent, { user_id, audience }: Recipient, facts: DeliveryFacts) {
    const { company_id, booking_id, type } = event;
    const { booking, user } = facts;
    const { starts_at, duration_min } = booking;
    return {
      notification: {
        ...renderBookingPush({ event, audience, locale: user.locale, booking }),
        navigate: links.bookingUrl({ company_id, user_id, booking_id, starts_at, event_type: type }),
        tag: notificationTag(event),
        lang: user.locale,
      },
      options: pushOptionsFor({ type, company_id, booking_id, starts_at, duration_min, now: clock() }),
    };
  }

  function readyMessage(event: BookingEvent, recipient: Recipient, facts: DeliveryFacts): ReadyMessage {
    const { tg_id, telegram_unreachable } = facts.user;
    return {
      kind: 'ready',
      person: personOf(recipient),
      company_id: event.company_id,
      event,
      channels: recipient.channels,
      tg_id,
      telegram_unreachable,
      toTelegram: () => telegramOf(event, recipient, facts),
      toWebPush: () => webPushOf(event, recipient, facts),
      // Twice is better than never.
      whenUnknown: 'retry',
      onLongWait: 'defer',
      paid: false,
    };
  }

  async function read(event: BookingEvent, recipient: Recipient): Promise<ReadyMessage | Outcome<Receipt>> {
    const facts = await loadFacts(event, { userId: recipient.user_id, role: settingsRole(recipient.audience) });
    if (!facts) return without(recipient, 'deleted');
    const stale = supersession(event, facts.state, recipient);
    if (!stale) return readyMessage(event, recipient, facts);
    return recipient.otherwise ? await read(event, recipient.otherwise) : without(recipient, stale);
  }

  return { read };
}

function personOf({ user_id, audience }: Recipient) {
  return { user_id, role: audience };
}

function without(recipient: Recipient, reason: string): Outcome<Receipt> {
  return { kind: 'done', receipt: suppressed(personOf(recipient), reason) };
}
