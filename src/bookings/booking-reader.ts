import type { RecipientRole } from '../domain/events.ts';

/**
 * In what role a user stands to a booking of their company, the one nearer to the booking first; null where it is no
 * business of theirs, such as a specialist whom it has left.
 */
export function roleInBooking(
  user: { id: number; role: RecipientRole },
  booking: { client_id: number; specialist_id: number },
): RecipientRole | null {
  if (user.id === booking.client_id) return 'client';
  if (user.id === booking.specialist_id) return 'specialist';
  return user.role === 'admin' ? 'admin' : null;
}
