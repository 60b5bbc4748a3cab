import { type BookingStatus, isOpen } from './bookings.ts';
import type { RecipientRole } from './events.ts';

export type BookingRight = 'view' | 'cancel' | 'reschedule';

interface BookingPeople {
  client_id: number;
  specialist_id: number;
}

/**
 * In what role a user stands to a booking of their company, the one nearer to the booking first; null where it is no
 * business of theirs, such as a specialist whom it has left.
 */
export function roleInBooking(user: { id: number; role: RecipientRole }, booking: BookingPeople): RecipientRole | null {
  if (user.id === booking.client_id) return 'client';
  if (user.id === booking.specialist_id) return 'specialist';
  return user.role === 'admin' ? 'admin' : null;
}

const TO_LOOK: ReadonlySet<BookingRight> = new Set<BookingRight>(['view']);
const TO_CHANGE: ReadonlySet<BookingRight> = new Set<BookingRight>(['view', 'cancel', 'reschedule']);

/**
 * What a user may do with a booking: an admin with all of the company, others with their own. One that has begun, or has
 * ended in whatever way, can only be looked at, by admins too. Null when the user may not even know of it.
 */
export function rightsIn(
  user: { id: number; role: RecipientRole; company_id: number },
  booking: BookingPeople & { company_id: number; status: BookingStatus; starts_at: Date },
  now: Date,
): { role: RecipientRole; rights: ReadonlySet<BookingRight> } | null {
  const role = user.company_id === booking.company_id ? roleInBooking(user, booking) : null;
  if (!role) return null;
  return { role, rights: isOpen(booking, now) ? TO_CHANGE : TO_LOOK };
}
