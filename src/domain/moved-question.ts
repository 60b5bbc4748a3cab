import { type BookingStatus, type Confirmable, isConfirmed } from './bookings.ts';
import { askKey, asksAt, type Decided, stepOf } from './ladder-steps.ts';
import type { MoveEvent } from './move-windows.ts';
import type { StandingLadder } from './no-show-ladder.ts';
import { offsetKey } from './reminder-offsets.ts';
import { dueAt, type VenueStart } from './reminders.ts';

/** What was decided of a start, with the version that set it and the event that went. */
export interface DecidedOfStart extends Decided {
  version: number;
  event_id: string | null;
}

/** A booking as it stands when a message about its move goes out. */
export interface MovedCase {
  ladder: StandingLadder | null;
  client_id: number;
  isClientErased: boolean;
  /** `start_set_at` is when it was last moved to another time. */
  booking: Confirmable & VenueStart & { status: BookingStatus; start_version: number; start_set_at: Date };
  /** Of earlier starts, the newest first. */
  before: readonly DecidedOfStart[];
  now: Date;
}

/**
 * What is to be written down of the present start where the message about a move asks the client: its reminder would have asked, and
 * was past its time when the booking was moved there. Nothing is asked by a move that the client made, for they chose the time, nor about
 * a time that they have confirmed. Moves that led back to the time where they began ask only where a question about it stands; that one
 * holds on, with what has followed it.
 * @throws RangeError for a zone that this runtime does not know
 */
export function questionOfMove(move: MoveEvent, given: MovedCase): DecidedOfStart[] {
  const { ladder, client_id, booking, now } = given;
  if (
    !ladder ||
    given.isClientErased ||
    booking.status !== 'created' ||
    booking.starts_at <= now ||
    isConfirmed(booking)
  )
    return [];
  if (!setsStart(move, booking) || isByClient(move, client_id)) return [];
  const due_at = dueAt(ladder.ask, booking);
  if (due_at > booking.start_set_at) return [];
  const version = booking.start_version;
  if (leadsBack(move))
    return standingQuestion(move, { ladder, due_at, before: given.before }).map((one) => ({ ...one, version }));
  const asked = { state: 'emitted', reason: null, event_id: move.id, decided_at: now } as const;
  return [{ key: askKey(ladder.ask), due_at, version, ...asked }];
}

/** Whether it is by these moves that the booking begins when it does. */
function setsStart({ change, merged }: MoveEvent, { start_version }: MovedCase['booking']): boolean {
  return (merged ?? [change.version]).includes(start_version);
}

function isByClient({ initiated_by: { user_id, role } }: MoveEvent, clientId: number): boolean {
  return user_id === clientId || (user_id === null && role === 'client');
}

/** Whether these moves leave the booking at the time where they found it. */
export function leadsBack({ change: { from, to } }: MoveEvent): boolean {
  return Date.parse(from.starts_at) === Date.parse(to.starts_at);
}

/** The last question before these moves, where it was about this time, and what has followed it. */
function standingQuestion(
  { change, merged }: MoveEvent,
  { ladder, due_at, before }: { ladder: StandingLadder; due_at: Date; before: readonly DecidedOfStart[] },
): DecidedOfStart[] {
  const [first = change.version] = merged ?? [];
  const keys = [offsetKey(ladder.ask), askKey(ladder.ask)];
  const question = before.find((one) => one.version < first && one.state === 'emitted' && keys.includes(one.key));
  if (!question || question.due_at.getTime() !== due_at.getTime() || !asksAt(ladder, question.decided_at)) return [];
  const steps = before.filter(({ version, key }) => version === question.version && stepOf(key) !== null);
  return [{ ...question, key: askKey(ladder.ask) }, ...steps.filter(({ key }) => !keys.includes(key))];
}
