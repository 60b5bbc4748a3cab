import { type BookingStatus, isConfirmed } from './bookings.ts';
import { askKey, type Decided, type LadderCase, questionOf } from './ladder-steps.ts';
import type { MoveEvent } from './move-windows.ts';
import { dueAt, type VenueStart } from './reminders.ts';

/** A booking as it stands when a message about its move goes out, with what is decided of its present start. */
export interface MovedCase extends Omit<LadderCase, 'client' | 'clocks'> {
  /** `start_set_at` is when it was last moved to another time. */
  booking: LadderCase['booking'] & VenueStart & { status: BookingStatus; start_set_at: Date };
}

/** That the client was asked about this time and is asked again beside it, or is asked now. */
export type MovedQuestion = { kind: 'stands' } | { kind: 'asked'; decided: Decided };

/**
 * What the message about a move asks the client; null for nothing. Where they were asked about the present start already, that question
 * holds on, with what has followed it. Else one is to be written down where the reminder that would have asked was past its time when the
 * booking was moved there. Nothing is asked by a move that the client made, for they chose the time, nor about a time that they have
 * confirmed. Moves that led back to the time where they began ask nothing new.
 * @throws RangeError for a zone that this runtime does not know
 */
export function questionOfMove(move: MoveEvent, given: MovedCase): MovedQuestion | null {
  const { ladder, client_id, booking, now } = given;
  if (!ladder || given.isClientErased || booking.status !== 'created') return null;
  if (booking.starts_at <= now || isConfirmed(booking)) return null;
  if (!maySetStart(move) || !endsAt(move, booking) || isByClient(move, client_id)) return null;
  const before = questionOf(given);
  if (before) return before.asks ? { kind: 'stands' } : null;
  const due_at = dueAt(ladder.ask, booking);
  if (leadsBack(move) || due_at > booking.start_set_at) return null;
  return {
    kind: 'asked',
    decided: { key: askKey(ladder.ask), due_at, state: 'emitted', reason: null, decided_at: now },
  };
}

/** Several in one may have been elsewhere in between. */
export function maySetStart(move: MoveEvent): boolean {
  return move.merged !== undefined || !leadsBack(move);
}

/** Whether these moves leave the booking at the time where they found it. */
function leadsBack({ change: { from, to } }: MoveEvent): boolean {
  return Date.parse(from.starts_at) === Date.parse(to.starts_at);
}

/** Whether it still begins when they say. */
function endsAt({ change: { to } }: MoveEvent, { starts_at }: MovedCase['booking']): boolean {
  return Date.parse(to.starts_at) === starts_at.getTime();
}

function isByClient({ initiated_by: { user_id, role } }: MoveEvent, clientId: number): boolean {
  return user_id === clientId || (user_id === null && role === 'client');
}
