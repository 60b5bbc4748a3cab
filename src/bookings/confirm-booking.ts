import { findBooking, updateBooking } from '../db/booking-rows.ts';
import { markNotificationsStale } from '../db/cards.ts';
import type { Sql } from '../db/database.ts';
import type { BookingRow } from '../db/entities.ts';
import { isConfirmed } from '../domain/bookings.ts';
import { BookingRefused } from './booking-refused.ts';

/**
 * Writes down that the client comes to the booking's present start; a second time changes nothing. No fact of the booking changes, so
 * its version stays and nobody is told: the messages that show it are edited.
 * @throws {BookingRefused} when there is no such booking, it is closed, or it has begun.
 */
export async function confirmBooking(tx: Sql, id: number, now: Date): Promise<BookingRow> {
  const booking = await findBooking(tx, id);
  if (!booking) throw new BookingRefused({ code: 'booking_not_found' });
  if (booking.status !== 'created') throw new BookingRefused({ code: 'booking_closed', status: booking.status });
  if (booking.starts_at <= now) throw new BookingRefused({ code: 'booking_begun' });
  if (isConfirmed(booking)) return booking;
  const confirmed = { ...booking, confirmed_at: now, confirmed_starts_at: booking.starts_at, updated_at: now };
  await updateBooking(tx, confirmed);
  await markNotificationsStale(tx, id);
  return confirmed;
}
