import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { findBooking, insertBooking, updateBooking } from '../db/booking-rows.ts';
import { markCardsStale } from '../db/cards.ts';
import type { Database } from '../db/database.ts';
import type { BookingRow } from '../db/entities.ts';
import { appendToOutbox } from '../db/outbox.ts';
import { versionDecidedOf } from '../db/reminder-records.ts';
import { decodeRules } from '../db/reminder-rules.ts';
import { type BookingAction, type BookingSchedule, bookingState, statusAfter } from '../domain/bookings.ts';
import { type BookingEventType, type BookingState, type Initiator, RECIPIENT_ROLES } from '../domain/events.ts';
import { nextReminder } from '../domain/reminders.ts';
import { announceMove, endMoves, passMovesInSilence } from '../moves/move-windows.ts';
import { endOf, movesInCalendar, overlapWith, refuseFarFuture, refuseOverlap } from './booking-calendar.ts';
import { checkReferences } from './booking-references.ts';
import { BookingRefused } from './booking-refused.ts';
import { confirmBooking } from './confirm-booking.ts';

export interface NewBooking {
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
  location_id: number | null;
  starts_at: Date;
  /** The service's own when undefined. */
  duration_min?: number | undefined;
  external_id: string | null;
  allow_overlap: boolean;
  /** False writes no event, so nobody hears of it. */
  notify: boolean;
}

type Changed<T> = { [K in keyof T]?: T[K] | undefined };

/** What is undefined stays as it is. A new service brings its own duration unless one is given. */
export interface BookingChange extends Changed<BookingSchedule>, Changed<{ external_id: string | null }> {
  allow_overlap: boolean;
  notify: boolean;
}

/**
 * Everything that may happen to a booking, whoever asks. All but `commit` run inside a transaction of the caller's. `trace` is the
 * `traceparent` of what asks.
 */
export interface BookingService {
  /** @throws {BookingRefused} */
  create(tx: SqlEntityManager, input: NewBooking, initiator: Initiator, trace?: string): Promise<BookingRow>;
  /**
   * A change of no fact leaves the version and writes no event; one that soon follows another waits, and may become one with it.
   * @throws {BookingRefused}
   */
  reschedule(
    tx: SqlEntityManager,
    id: number,
    change: BookingChange,
    initiator: Initiator,
    trace?: string,
  ): Promise<BookingRow>;
  /** @throws {BookingRefused} */
  cancel(tx: SqlEntityManager, id: number, initiator: Initiator, trace?: string): Promise<BookingRow>;
  /** Tells nobody. @throws {BookingRefused} */
  complete(tx: SqlEntityManager, id: number): Promise<BookingRow>;
  /** Tells nobody. @throws {BookingRefused} */
  noShow(tx: SqlEntityManager, id: number): Promise<BookingRow>;
  /** That the client comes, as `confirmBooking`. @throws {BookingRefused} */
  confirm(tx: SqlEntityManager, id: number): Promise<BookingRow>;
  /** `Database.write`, after which the outbox relay is woken. */
  commit<T>(work: (tx: SqlEntityManager) => Promise<T>): Promise<T>;
}

export interface BookingServiceDeps {
  database: Pick<Database, 'write'>;
  clock: () => Date;
  /** Makes the ids of events. */
  newId: () => string;
  /** Told after each commit; must not throw. */
  onCommitted: () => void;
}

export function createBookingService({ database, clock, newId, onCommitted }: BookingServiceDeps): BookingService {
  const eventOf = <From extends BookingState | null>(
    type: BookingEventType,
    { initiator, trace }: { initiator: Initiator; trace: string | undefined },
    from: From,
    after: BookingRow,
  ) => ({
    id: newId(),
    type,
    company_id: after.company_id,
    booking_id: after.id,
    initiated_by: initiator,
    ts: Math.floor(clock().getTime() / 1000),
    change: { version: after.version, from, to: bookingState(after) },
    ...(trace && { trace }),
  });

  async function close(
    tx: SqlEntityManager,
    id: number,
    action: BookingAction,
    by?: Initiator,
  ): Promise<[BookingRow, BookingRow]> {
    const [before, status] = await findOpen(tx, id, action);
    const after = { ...before, status, version: before.version + 1, next_reminder_at: null, updated_at: clock() };
    await updateBooking(tx, after);
    await endMoves(tx, id, after.updated_at);
    await markCardsStale(
      tx,
      id,
      RECIPIENT_ROLES.find((role) => role === by?.role),
    );
    return [before, after];
  }

  return {
    async create(tx, { allow_overlap, notify, ...input }, initiator, trace) {
      refuseFarFuture(input.starts_at, clock());
      const found = await checkReferences(tx, input, allow_overlap ? null : input.starts_at);
      const { serviceDurationMin, next, venue, isQuiet } = found;
      const duration_min = input.duration_min ?? serviceDurationMin ?? 0;
      const now = clock();
      const row = {
        ...input,
        duration_min,
        ends_at: endOf(input.starts_at, duration_min),
        status: 'created' as const,
        version: 1,
        start_version: 1,
        moved_at: null,
        confirmed_at: null,
        confirmed_starts_at: null,
        next_reminder_at: venue && firstReminder(venue, input.starts_at, { now, isQuiet }),
        created_at: now,
        updated_at: now,
      };
      if (next && next.starts_at < row.ends_at) throw overlapWith(next.id);
      const booking = await insertBooking(tx, row);
      if (notify) await appendToOutbox(tx, eventOf('booking_created', { initiator, trace }, null, booking));
      return booking;
    },

    async reschedule(tx, id, { allow_overlap, notify, ...change }, initiator, trace) {
      const [before] = await findOpen(tx, id, 'reschedule');
      const after = await applyChange(tx, before, change);
      const factsChanged = JSON.stringify(bookingState(before)) !== JSON.stringify(bookingState(after));
      if (!factsChanged && after.external_id === before.external_id) return before;
      if (factsChanged) {
        after.version += 1;
        Object.assign(after, await remindersAfter(tx, { before, after, now: clock() }));
        if (change.starts_at) refuseFarFuture(change.starts_at, clock());
        if (!allow_overlap && movesInCalendar(before, after)) await refuseOverlap(tx, after);
      }
      after.updated_at = clock();
      await updateBooking(tx, after);
      if (factsChanged) await markCardsStale(tx, id);
      if (factsChanged && notify) {
        const move = eventOf('booking_rescheduled', { initiator, trace }, bookingState(before), after);
        await announceMove(tx, move, after.updated_at);
      }
      if (factsChanged && !notify) await passMovesInSilence(tx, id);
      return after;
    },

    async cancel(tx, id, initiator, trace) {
      const [before, after] = await close(tx, id, 'cancel', initiator);
      await appendToOutbox(tx, eventOf('booking_cancelled', { initiator, trace }, bookingState(before), after));
      return after;
    },

    complete: async (tx, id) => (await close(tx, id, 'complete'))[1],
    noShow: async (tx, id) => (await close(tx, id, 'no_show'))[1],
    confirm: (tx, id) => confirmBooking(tx, id, clock()),

    async commit(work) {
      const result = await database.write(work);
      onCommitted();
      return result;
    },
  };
}

/** Where somebody may be reminded early, the first look says when. */
function firstReminder(
  { reminders, time_zone }: { reminders: string; time_zone: string },
  starts_at: Date,
  { now, isQuiet }: { now: Date; isQuiet: boolean },
): Date | null {
  const first = nextReminder(decodeRules(reminders), { starts_at, time_zone }, now);
  return first && isQuiet ? now : first;
}

/**
 * Another start has reminders of its own, and one that the booking had before has those that were decided of it; another venue may have
 * another clock. All are looked at at once.
 */
async function remindersAfter(
  tx: SqlEntityManager,
  { before, after, now }: { before: BookingRow; after: BookingRow; now: Date },
): Promise<Partial<BookingRow>> {
  if (before.starts_at.getTime() === after.starts_at.getTime()) return { next_reminder_at: now };
  const start_version = (await versionDecidedOf(tx, after)) ?? after.version;
  return { next_reminder_at: now, start_version, moved_at: now };
}

/** The booking and the status that the action leads to. @throws {BookingRefused} when there is none, or it is closed. */
async function findOpen(tx: SqlEntityManager, id: number, action: BookingAction) {
  const found = await findBooking(tx, id);
  if (!found) throw new BookingRefused({ code: 'booking_not_found' });
  const status = statusAfter(found.status, action);
  if (status === null) throw new BookingRefused({ code: 'booking_closed', status: found.status });
  return [found, status] as const;
}

/** The booking as the change leaves it; refers only to what exists in its company. */
async function applyChange(
  tx: SqlEntityManager,
  before: BookingRow,
  change: Omit<BookingChange, 'allow_overlap' | 'notify'>,
): Promise<BookingRow> {
  const { company_id } = before;
  const newServiceId = change.service_id === before.service_id ? undefined : change.service_id;
  const { serviceDurationMin } = await checkReferences(tx, {
    company_id,
    specialist_id: change.specialist_id === before.specialist_id ? undefined : change.specialist_id,
    service_id: newServiceId,
    location_id: change.location_id === before.location_id ? undefined : change.location_id,
  });
  const starts_at = change.starts_at ?? before.starts_at;
  const duration_min = change.duration_min ?? serviceDurationMin ?? before.duration_min;
  return {
    ...before,
    starts_at,
    duration_min,
    ends_at: endOf(starts_at, duration_min),
    specialist_id: change.specialist_id ?? before.specialist_id,
    service_id: newServiceId ?? before.service_id,
    location_id: change.location_id === undefined ? before.location_id : change.location_id,
    external_id: change.external_id === undefined ? before.external_id : change.external_id,
  };
}
