import type { Sql } from '../db/database.ts';
import { appendManyToOutbox } from '../db/outbox.ts';
import { type NewReminder, recordReminders } from '../db/reminder-records.ts';
import { lookAgain, type RemindedBooking, remindedBooking, type StoredCase, takeDue } from '../db/reminder-work.ts';
import type { BookingEvent, Initiator } from '../domain/events.ts';
import { decideLadder, type LadderDecision } from '../domain/ladder-steps.ts';
import { decideReminders, isKept, type ReminderCase, type ReminderDecision } from '../domain/reminders.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
import { sendHeldMoves } from '../moves/move-windows.ts';

/** The scheduler acts by itself, and excludes nobody. */
export const SCHEDULER: Initiator = Object.freeze({ user_id: null, role: 'cron', channel: 'scheduler' });

/** A booking on which nothing can be decided, such as one in a zone that this runtime does not know, is tried again then. */
const UNDECIDABLE_AGAIN_MS = 5 * 60_000;

/** What a page of looks came to. */
export interface Reminded {
  events: BookingEvent[];
  /** Bookings that were left as they are, and are looked at later. */
  undecidable: { booking_id: number; error: unknown }[];
}

/**
 * Decides on the due reminders of these bookings, and on what follows where one was a question that nobody answered; each decision is
 * recorded, and each event that goes out is in the outbox, with the same commit. A booking that another scheduler took, or that changed
 * meanwhile and is not due any more, is left alone.
 */
export async function remindDue(
  tx: Sql,
  ids: readonly number[],
  { now, newId }: { now: Date; newId: () => string },
): Promise<Reminded> {
  const rows: NewReminder[] = [];
  const again: { id: number; at: Date }[] = [];
  const clocks = rememberedClocks();
  const reminded: Reminded = { events: [], undecidable: [] };
  for (const stored of await takeDue(tx, ids, now)) {
    const decided = decide(stored, { now, clocks });
    if ('error' in decided) {
      reminded.undecidable.push({ booking_id: stored.id, error: decided.error });
      again.push({ id: stored.id, at: new Date(now.getTime() + UNDECIDABLE_AGAIN_MS) });
      continue;
    }
    const { found, decisions, next } = decided;
    for (const decision of decisions) {
      const { key, due_at, state, reason } = decision;
      const event_id = state === 'emitted' ? newId() : null;
      const { id: booking_id, start_version: version } = found;
      const start = { booking_id, version, starts_at: found.booking.starts_at };
      rows.push({ ...start, key, due_at, state, reason, event_id, decided_at: now });
      if (event_id !== null) reminded.events.push(eventOf(found, decision, { event_id, now }));
    }
    if (next) again.push({ id: found.id, at: next });
  }
  // Before a move goes that asks the client: what follows its question is looked for at once.
  await lookAgain(tx, again);
  // A specialist is not reminded of what they do not know to be theirs yet.
  await sendHeldMoves(
    tx,
    reminded.events.map(({ booking_id }) => booking_id),
    now,
  );
  await recordReminders(tx, rows);
  await appendManyToOutbox(tx, reminded.events);
  return reminded;
}

/** One booking must not keep the others of its page. */
function decide(stored: StoredCase, given: Pick<ReminderCase, 'now' | 'clocks'>) {
  try {
    const found = remindedBooking(stored);
    const reminders = decideReminders({ ...found, ...given });
    const kept = reminders.decisions.filter(isKept);
    const { onSilence } = found;
    // The question may go out with this very look.
    const decided = [...onSilence.decided, ...kept.map((decision) => ({ ...decision, decided_at: given.now }))];
    const ladder = decideLadder({ ...onSilence, ...given, decided });
    return { found, decisions: [...kept, ...ladder.decisions], next: earlier(reminders.next, ladder.next) };
  } catch (error) {
    return { error };
  }
}

function eventOf(
  { id, company_id, version, state }: RemindedBooking,
  decision: ReminderDecision | LadderDecision,
  { event_id, now }: { event_id: string; now: Date },
): BookingEvent {
  const what =
    'step' in decision ? ({ type: 'booking_unconfirmed', step: decision.step } as const) : remindingOf(decision);
  return {
    id: event_id,
    ...what,
    company_id,
    booking_id: id,
    initiated_by: SCHEDULER,
    ts: Math.floor(now.getTime() / 1000),
    change: { version, from: null, to: state },
  };
}

function remindingOf({ offset, only_user }: ReminderDecision) {
  return { type: 'booking_reminder', offset, ...(only_user !== null && { only_user }) } as const;
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
