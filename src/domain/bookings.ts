import type { BookingEvent, BookingState } from './events.ts';
import type { Recipient } from './recipients.ts';

export const BOOKING_STATUSES = ['created', 'cancelled', 'completed', 'no_show'] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

export const BOOKING_ACTIONS = ['reschedule', 'cancel', 'complete', 'no_show'] as const;
export type BookingAction = (typeof BOOKING_ACTIONS)[number];

const TRANSITIONS: Record<BookingStatus, Partial<Record<BookingAction, BookingStatus>>> = {
  created: { reschedule: 'created', cancel: 'cancelled', complete: 'completed', no_show: 'no_show' },
  cancelled: {},
  completed: {},
  no_show: {},
};

/** The status that the action leads to, or null where the booking does not allow it. */
export function statusAfter(status: BookingStatus, action: BookingAction): BookingStatus | null {
  return TRANSITIONS[status][action] ?? null;
}

/** Those facts of a booking that a change can touch; a row of `bookings` fits. */
export interface BookingSchedule {
  starts_at: Date;
  specialist_id: number;
  service_id: number;
  location_id: number | null;
  duration_min: number;
}

/** The facts as an event carries them in `change`. */
export function bookingState(booking: BookingSchedule): BookingState {
  return {
    starts_at: booking.starts_at.toISOString(),
    specialist_id: booking.specialist_id,
    service_id: booking.service_id,
    location_id: booking.location_id,
    duration_min: booking.duration_min,
  };
}

/** It may still be moved or cancelled by its people: it stands, and has not begun. */
export function isOpen(booking: { status: BookingStatus; starts_at: Date }, now: Date): boolean {
  return booking.status === 'created' && now < booking.starts_at;
}

/** A confirmation is of one time: elsewhen the client is asked anew, and back there they need not be. */
export interface Confirmable {
  starts_at: Date;
  /** The start that the client confirmed last. */
  confirmed_starts_at: Date | null;
}

export function isConfirmed({ starts_at, confirmed_starts_at }: Confirmable): boolean {
  return confirmed_starts_at?.getTime() === starts_at.getTime();
}

interface Standing extends BookingSchedule, Confirmable {
  status: BookingStatus;
  version: number;
  /** Of a reminder: why another one makes it needless. */
  outdoneBy?: 'nearer_reminder' | 'sent_early' | null;
  /** Nobody has to ask whether they come. */
  isClientErased?: boolean;
  /** Of moves that led back: the reader was told of this place, and of nothing since. */
  isKnown?: boolean;
}
type Reader = Pick<Recipient, 'user_id' | 'audience'>;

/**
 * Tells whether time or later changes of the booking made a message about the event wrong for its reader. Asked at the moment of
 * sending, with the booking as it stands then. In doubt one is sent.
 */
export function supersession(
  event: BookingEvent,
  booking: Standing,
  reader: Reader,
  now: Date,
): 'superseded' | 'client_erased' | 'confirmed' | 'too_late' | 'nearer_reminder' | 'sent_early' | 'moved_back' | null {
  if (isSuperseded(event, booking, reader)) return 'superseded';
  if (booking.isKnown) return 'moved_back';
  if (event.type === 'booking_unconfirmed' && booking.isClientErased) return 'client_erased';
  if (event.type === 'booking_unconfirmed' && isConfirmed(booking)) return 'confirmed';
  if (event.type !== 'booking_reminder' && event.type !== 'booking_unconfirmed') return null;
  if (booking.starts_at <= now) return 'too_late';
  return event.type === 'booking_reminder' ? (booking.outdoneBy ?? null) : null;
}

function isSuperseded(event: BookingEvent, booking: Standing, reader: Reader): boolean {
  switch (event.type) {
    case 'booking_created':
      return booking.status === 'cancelled' || hasLostIt(reader, booking);
    case 'booking_rescheduled':
      // They hear nothing more of the booking, not even its cancellation, unless it becomes theirs again.
      if (reader.audience === 'former_specialist') return reader.user_id === booking.specialist_id;
      return booking.status === 'cancelled' || hasLostIt(reader, booking) || wasMovedBack(event, booking);
    case 'booking_reminder':
    case 'booking_unconfirmed':
      return booking.status !== 'created' || hasLostIt(reader, booking) || startsElsewhen(event, booking);
    case 'booking_cancelled':
      return false; // nothing follows it
    default:
      return event.type satisfies never;
  }
}

/** That it left them is told by the event that took it away. */
function hasLostIt({ user_id, audience }: Reader, booking: BookingSchedule): boolean {
  return audience === 'specialist' && user_id !== booking.specialist_id;
}

/** Moves that led back by themselves say no more than what holds. */
function wasMovedBack({ change }: BookingEvent, booking: BookingSchedule & { version: number }): boolean {
  if (!change?.from || booking.version <= change.version) return false;
  return standsAt(change.from, booking) && !standsAt(change.to, booking);
}

function standsAt(state: BookingState, booking: BookingSchedule): boolean {
  return (
    Date.parse(state.starts_at) === booking.starts_at.getTime() &&
    state.specialist_id === booking.specialist_id &&
    state.service_id === booking.service_id &&
    state.location_id === booking.location_id &&
    state.duration_min === booking.duration_min
  );
}

/** A reminder without `change` names no time of its own, so it holds whenever the booking starts. */
export function startsElsewhen({ change }: Pick<BookingEvent, 'change'>, booking: BookingSchedule): boolean {
  return change !== undefined && Date.parse(change.to.starts_at) !== booking.starts_at.getTime();
}

export interface Interval {
  starts_at: Date;
  ends_at: Date;
}

/** Touching ends do not overlap: one booking may start at the moment another ends. */
export function intervalsOverlap(a: Interval, b: Interval): boolean {
  return a.starts_at < b.ends_at && b.starts_at < a.ends_at;
}
