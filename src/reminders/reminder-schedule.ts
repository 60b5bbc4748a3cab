import { findBooking } from '../db/booking-rows.ts';
import type { Database } from '../db/database.ts';
import { createUnheardReader } from '../db/early-outcomes.ts';
import { openMoveWindows } from '../db/move-windows.ts';
import { hasOpenPass } from '../db/reminder-passes.ts';
import { decidedReminders } from '../db/reminder-records.ts';
import { remindedBooking, storedCases } from '../db/reminder-work.ts';
import type { BookingStatus } from '../domain/bookings.ts';
import { LADDER_STEPS } from '../domain/events.ts';
import { stepOf } from '../domain/ladder-steps.ts';
import { outdoneFor, type ReminderCase } from '../domain/reminders.ts';
import { foreseen, foreseenSteps, recorded, type ScheduledReminder, whenItGoes } from './foreseen.ts';
import { createRemindedPeople, type RemindedPerson } from './reminded-people.ts';

/** Of what is written down of other starts: a booking may have been moved any number of times. */
const MAX_RECORDED = 100;

/** What a booking's people were and will be told without anybody asking, in the order of time. */
export interface ReminderSchedule {
  booking_id: number;
  status: BookingStatus;
  starts_at: Date;
  /** Of the venue. */
  time_zone: string;
  reminders: (ScheduledReminder & { recipients: RemindedPerson[] })[];
  /** A move, or several in one, that waits for further ones; null for none. */
  held_move: HeldMove | null;
}

interface HeldMove {
  due_at: Date;
  event_id: string;
  /** Null for one move. */
  merged_versions: readonly number[] | null;
  recipients: RemindedPerson[];
}

/** Null when there is no such booking. It tells of now: settings, people and the booking may still change. */
export function createReminderSchedule(deps: {
  database: Database;
  clock: () => Date;
}): (bookingId: number) => Promise<ReminderSchedule | null> {
  const { database, clock } = deps;
  const people = createRemindedPeople(database);
  const unheardBy = createUnheardReader(database);

  /** In this order: what a look or a pass does in between is seen by a later read. */
  async function read(bookingId: number) {
    const sql = database.read();
    const [stored] = await storedCases(sql, [bookingId]);
    if (!stored) return null;
    const hasPass = await hasOpenPass(sql, stored.company_id);
    const row = await findBooking(sql, bookingId);
    const decided = await decidedReminders(sql, stored, MAX_RECORDED);
    return (
      row && { found: remindedBooking(stored), row, decided, isLookedAt: hasPass || row.next_reminder_at !== null }
    );
  }

  async function heldMove(bookingId: number): Promise<HeldMove | null> {
    const [window] = await openMoveWindows(database.read(), [bookingId]);
    if (!window?.held) return null;
    const { id: event_id, merged: merged_versions = null } = window.held;
    return { due_at: window.closesAt, event_id, merged_versions, recipients: await people.foreseenOf(window.held) };
  }

  return async (bookingId) => {
    const facts = await read(bookingId);
    if (!facts) return null;
    const { found, row, decided, isLookedAt } = facts;
    const { start_version } = found;
    const now = clock();
    const booking = { start_version, updated_at: row.updated_at, isLookedAt };
    const own = decided.filter(({ version }) => version === start_version);
    const given = { ...found, decided: own.filter(({ key }) => stepOf(key) === null), now };
    const toCome = foreseeable(() => foreseen(given, booking));
    const steps = foreseeable(() => foreseenSteps({ ...found.onSilence, start_version, decided: own, now }, toCome));
    const all = [...decided.map(recorded), ...toCome, ...steps];
    const audiences = new Map<ScheduledReminder['step'], RemindedPerson[]>();
    for (const { state, step } of all)
      if (state === 'pending' && step !== 'ask' && !audiences.has(step))
        audiences.set(step, await people.foreseen(row, step));
    const { company_id } = row;
    const asked = (audiences.get(null) ?? []).map(({ user_id }) =>
      unheardBy({ company_id, booking_id: bookingId, user_id }),
    );
    const unheard = (await Promise.all(asked)).flat();
    const recipientsOf = async ({ state, event_id, ...reminder }: ScheduledReminder): Promise<RemindedPerson[]> => {
      const { only_user, step } = reminder;
      if (state !== 'pending') return event_id === null ? [] : await people.told(row, { event_id, only_user, step });
      const audience = audiences.get(step) ?? [];
      return step === null
        ? hearing(audience, reminder, whenItGoes({ ...given, unheard }, reminder, toCome))
        : audience;
    };
    const scheduled = await Promise.all(
      all.map(async (reminder) => ({ ...reminder, recipients: await recipientsOf(reminder) })),
    );
    const { status, starts_at, time_zone } = found.booking;
    return {
      ...{ booking_id: bookingId, status, starts_at, time_zone },
      reminders: scheduled.sort(inOrder),
      held_move: await heldMove(bookingId),
    };
  };
}

/** Of two that wait for the same morning, the step that comes first on the ladder. */
function inOrder(a: ScheduledReminder, b: ScheduledReminder): number {
  const rank = ({ step }: ScheduledReminder) => LADDER_STEPS.findIndex((one) => one === step);
  return a.due_at.getTime() - b.due_at.getTime() || a.version - b.version || rank(a) - rank(b);
}

/** Nothing where a zone is newer than this runtime's data: nothing can be decided of the booking then. */
function foreseeable(ahead: () => ScheduledReminder[]): ScheduledReminder[] {
  try {
    return ahead();
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Who of those that a reminder would go to hears this one, as it would be judged at the send. */
function hearing(
  audience: readonly RemindedPerson[],
  { offset, only_user }: Pick<ScheduledReminder, 'offset' | 'only_user'>,
  then: ReminderCase,
): RemindedPerson[] {
  const isTold = ({ user_id }: RemindedPerson) => only_user === null || user_id === only_user;
  return audience.filter(isTold).map((person) => {
    if (person.status !== 'planned') return person;
    const reason = outdoneFor(person.user_id, { offset, isEarly: only_user !== null }, then);
    return reason ? { ...person, status: 'suppressed', channel: null, reason } : person;
  });
}
