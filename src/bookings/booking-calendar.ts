import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { BookingRow } from '../db/entities.ts';
import { BookingRefused } from './booking-refused.ts';

/** How far ahead a booking may start. The past is open: imports bring it. */
const MAX_YEARS_AHEAD = 10;
/** The longest service and booking. */
export const MAX_DURATION_MIN = 1440;
const MINUTE_MS = 60_000;

export function endOf(starts_at: Date, duration_min: number): Date {
  return new Date(starts_at.getTime() + duration_min * MINUTE_MS);
}

export function movesInCalendar(before: BookingRow, after: BookingRow): boolean {
  return (
    before.specialist_id !== after.specialist_id ||
    before.starts_at.getTime() !== after.starts_at.getTime() ||
    before.duration_min !== after.duration_min
  );
}

/**
 * The SQL of `intervalsOverlap`. The status is written out because SQLite uses the partial index `bookings_overlap` only
 * then, and the longest duration bounds the walk: without it every booking of the past would be looked at.
 */
const FIND_OVERLAP = `SELECT id FROM bookings
  WHERE specialist_id = ? AND status = 'created' AND starts_at > ? AND starts_at < ? AND ends_at > ? AND id <> ?
  ORDER BY starts_at LIMIT 1`;

/** No booking that starts at this moment or before it lasts until `at`. */
export function earliestOverlap(at: Date): Date {
  return new Date(at.getTime() - MAX_DURATION_MIN * MINUTE_MS);
}

/** @throws {BookingRefused} `booking_overlap`. */
export async function refuseOverlap(
  tx: SqlEntityManager,
  booking: Pick<BookingRow, 'specialist_id' | 'starts_at' | 'ends_at'> & { id?: number },
): Promise<void> {
  const { id = 0, specialist_id, starts_at, ends_at } = booking;
  const values = [specialist_id, earliestOverlap(starts_at), ends_at, starts_at, id];
  const [other] = await tx.execute<{ id: number }[]>(FIND_OVERLAP, values);
  if (other) throw overlapWith(other.id);
}

export function overlapWith(bookingId: number): BookingRefused {
  return new BookingRefused({ code: 'booking_overlap', bookingId });
}

/** No booking may start later. */
export function latestStart(now: Date): Date {
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + MAX_YEARS_AHEAD);
  return latest;
}

export function refuseFarFuture(starts_at: Date, now: Date): void {
  if (starts_at > latestStart(now))
    throw new BookingRefused({
      code: 'invalid_field',
      field: 'starts_at',
      detail: `must be at most ${MAX_YEARS_AHEAD} years ahead`,
    });
}
