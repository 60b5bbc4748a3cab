import { createAudienceReader } from '../db/booking-reads.ts';
import type { Database } from '../db/database.ts';
import { loggedOutcomes } from '../db/deliveries.ts';
import { type ReaderFacts, readerFacts } from '../db/explain-reads.ts';
import { openOutboxEvent } from '../db/outbox.ts';
import { bookingEventSchema, type Channel, type LadderStep } from '../domain/events.ts';
import type { LadderPart } from '../domain/ladder-steps.ts';
import { type Recipient, type Selection, type SelectionEvent, selectRecipients } from '../domain/recipients.ts';
import { SCHEDULER } from './remind-due.ts';

/** Someone who is to hear of a reminder, or a move that waits, or is not. */
export interface RemindedPerson {
  user_id: number;
  role: string;
  /** `planned` before it goes out, then `under_way` until it has ended; what is not to be sent is `suppressed` before it goes out too. */
  status: 'planned' | 'under_way' | 'delivered' | 'suppressed' | 'dead';
  /** By which it went, or would go now; null for none. */
  channel: string | null;
  /** As the delivery log has it. */
  reason: string | null;
}

interface BookingKey {
  id: number;
  company_id: number;
}

type BookingSelection = SelectionEvent & { company_id: number; booking_id: number };

export interface RemindedPeople {
  /** If a reminder, or this step of the ladder, went out now. */
  foreseen(booking: BookingKey, step: LadderStep | null): Promise<RemindedPerson[]>;
  /** If a move that waits went out now. */
  foreseenOf(event: BookingSelection): Promise<RemindedPerson[]>;
  /** Of one that went out: what the log says, and who still waits; of a question that went with a move, the client alone. */
  told(
    booking: BookingKey,
    reminder: { event_id: string; only_user: number | null; step: LadderPart | null },
  ): Promise<RemindedPerson[]>;
}

export function createRemindedPeople(database: Database): RemindedPeople {
  const loadAudience = createAudienceReader(database);

  const eventOf = ({ id: booking_id, company_id }: BookingKey, step: LadderStep | null): BookingSelection => ({
    ...(step ? ({ type: 'booking_unconfirmed', step } as const) : ({ type: 'booking_reminder' } as const)),
    ...{ company_id, booking_id, initiated_by: SCHEDULER },
  });

  async function selectionOf(event: BookingSelection): Promise<Selection> {
    const found = await loadAudience(event);
    return found ? selectRecipients({ event, ...found }) : { chosen: [], excluded: [] };
  }

  async function planned(recipient: Recipient): Promise<RemindedPerson> {
    const { user_id, audience: role, channels } = recipient;
    const reader = await readerFacts(database.read(), user_id);
    if (!reader || reader.is_erased) return { user_id, role, status: 'suppressed', channel: null, reason: 'deleted' };
    const channel = wayTo(reader, channels);
    if (channel) return { user_id, role, status: 'planned', channel, reason: null };
    return { user_id, role, status: 'suppressed', channel: null, reason: silence(reader, channels) };
  }

  async function foreseenOf(event: BookingSelection): Promise<RemindedPerson[]> {
    const { chosen, excluded } = await selectionOf(event);
    const leftOut = excluded.map(
      ({ user_id, audience: role, reason }): RemindedPerson => ({
        ...{ user_id, role, status: 'suppressed', channel: null, reason },
      }),
    );
    return [...(await Promise.all(chosen.map(planned))), ...leftOut];
  }

  return {
    foreseenOf,
    foreseen: (booking, step) => foreseenOf(eventOf(booking, step)),

    async told(booking, { event_id, only_user, step }) {
      // In this order: the log is written with the commit that closes the outbox row.
      const open = await openOutboxEvent(database.read(), { company_id: booking.company_id, event_id });
      const logged = await loggedOutcomes(database, booking.company_id, event_id);
      const ended = [...logged.values()].map(
        ({ user_id, role, status, channel, reason }): RemindedPerson => ({ user_id, role, status, channel, reason }),
      );
      const isConcerned = ({ role }: RemindedPerson) => step !== 'ask' || role === 'client';
      if (!open) return ended.filter(isConcerned);
      const { chosen } = await selectionOf(
        step === 'ask'
          ? bookingEventSchema.parse(JSON.parse(open.event))
          : { ...eventOf(booking, step), ...(only_user !== null && { only_user }) },
      );
      const waiting = chosen.filter(({ user_id }) => !logged.has(user_id));
      return [
        ...ended,
        ...waiting.map(
          ({ user_id, audience: role }): RemindedPerson => ({
            ...{ user_id, role, status: 'under_way', channel: null, reason: null },
          }),
        ),
      ].filter(isConcerned);
    },
  };
}

function wayTo({ has_telegram, telegram_unreachable, devices }: ReaderFacts, open: readonly Channel[]): Channel | null {
  if (open.includes('telegram') && has_telegram && telegram_unreachable === null) return 'telegram';
  return open.includes('web_push') && devices > 0 ? 'web_push' : null;
}

function silence(reader: ReaderFacts, open: readonly Channel[]): string {
  const telegram = open.includes('telegram') && reader.has_telegram ? reader.telegram_unreachable : null;
  const webPush = open.includes('web_push') ? reader.web_push_unreachable : null;
  const reasons = [telegram, webPush].filter((reason) => reason !== null);
  return reasons.length === 0 ? 'no_channel' : `unreachable:${reasons.join(',')}`;
}
