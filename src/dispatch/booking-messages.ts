import type { Outcome } from '#actors/outcome.ts';
import { notificationTag, pushOptionsFor } from '../channels/web-push/push-options.ts';
import { createDeliveryFactsReader, type DeliveryFacts } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { createUnheardReader } from '../db/early-outcomes.ts';
import { knowsPlace } from '../db/known-place.ts';
import { isConfirmed, supersession } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import { confirmationOf } from '../domain/no-show-ladder.ts';
import { quietAt } from '../domain/quiet-hours.ts';
import { type Recipient, settingsRole } from '../domain/recipients.ts';
import { outdoneFor, type ReminderCase } from '../domain/reminders.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
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
  const unheardBy = createUnheardReader(deps.database);
  const clocks = rememberedClocks();

  function telegramOf(event: BookingEvent, { audience }: Recipient, facts: DeliveryFacts) {
    const now = clock();
    const message = renderBookingMessage(telegramRequest({ event, audience, facts }, { sentAt: now, now }));
    const { version } = facts.state;
    const card_version = message.keyboard.length > 0 ? version : null;
    return { message, card_version, is_confirmed: isConfirmed(facts.state) };
  }

  function webPushOf(event: BookingEvent, { user_id, audience }: Recipient, facts: DeliveryFacts, silent: boolean) {
    const { company_id, booking_id, type } = event;
    const { booking, user } = facts;
    const { starts_at, duration_min } = booking;
    const confirmation = confirmationOf({ event, audience }, facts.state, facts.ladder);
    return {
      notification: {
        ...renderBookingPush({ event, audience, locale: user.locale, booking, confirmation }),
        navigate: links.bookingUrl({ company_id, user_id, booking_id, starts_at, event_type: type }),
        tag: notificationTag(event),
        lang: user.locale,
        ...(silent && { silent }),
      },
      options: pushOptionsFor({ type, company_id, booking_id, starts_at, duration_min, now: clock() }),
    };
  }

  function readyMessage(event: BookingEvent, recipient: Recipient, facts: DeliveryFacts): ReadyMessage {
    const { tg_id, telegram_unreachable } = facts.user;
    const silent = quietAt(facts.user, 'messages', clock(), clocks) !== null;
    return {
      kind: 'ready',
      person: personOf(recipient),
      company_id: event.company_id,
      event,
      channels: recipient.channels,
      tg_id,
      telegram_unreachable,
      toTelegram: () => telegramOf(event, recipient, facts),
      toWebPush: () => webPushOf(event, recipient, facts, silent),
      silent,
      // Twice is better than never.
      whenUnknown: 'retry',
      onLongWait: 'defer',
      paid: false,
    };
  }

  /** How their early reminder ended is looked up for those alone who would do without this one for its sake. */
  async function staleness(event: BookingEvent, recipient: Recipient, facts: DeliveryFacts) {
    const { state, reminders, isClientErased } = facts;
    const now = clock();
    const { user_id } = recipient;
    const isKnown = await isKnownPlace(event, recipient);
    const judged = (given: DeliveryFacts['reminders']) => {
      const standing = standingOf(event, user_id, { state, reminders: given }, { now, clocks });
      return supersession(event, { ...standing, isKnown, isClientErased }, recipient, now);
    };
    const stale = judged(reminders);
    if (stale !== 'sent_early' || !reminders) return stale;
    const { company_id, booking_id } = event;
    return judged({ ...reminders, unheard: await unheardBy({ company_id, booking_id, user_id }) });
  }

  async function isKnownPlace({ company_id, after }: BookingEvent, { user_id }: Recipient): Promise<boolean> {
    return after !== undefined && (await knowsPlace(deps.database.read(), { company_id, user_id, after }));
  }

  async function read(event: BookingEvent, recipient: Recipient): Promise<ReadyMessage | Outcome<Receipt>> {
    const facts = await loadFacts(event, { userId: recipient.user_id, role: settingsRole(recipient.audience) });
    if (!facts) return without(recipient, 'deleted');
    const stale = await staleness(event, recipient, facts);
    if (!stale) return readyMessage(event, recipient, facts);
    return recipient.otherwise ? await read(event, recipient.otherwise) : without(recipient, stale);
  }

  return { read };
}

function standingOf(
  { offset, only_user }: BookingEvent,
  userId: number,
  { state, reminders }: Pick<DeliveryFacts, 'state' | 'reminders'>,
  given: Pick<ReminderCase, 'now' | 'clocks'>,
) {
  if (offset === undefined || reminders === null) return state;
  return {
    ...state,
    outdoneBy: outdoneFor(userId, { offset, isEarly: only_user !== undefined }, { ...reminders, ...given }),
  };
}

function personOf({ user_id, audience }: Recipient) {
  return { user_id, role: audience };
}

function without(recipient: Recipient, reason: string): Outcome<Receipt> {
  return { kind: 'done', receipt: suppressed(personOf(recipient), reason) };
}
