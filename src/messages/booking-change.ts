import type { BookingEvent, BookingState } from '../domain/events.ts';
import type { BookingFacts } from './message.ts';

/** What a reader of the booking as it stands should be told is new. */
export interface BookingChange {
  /** Null while the time is the same. */
  previousStart: Date | null;
  previousDurationMin: number | null;
  newSpecialist: boolean;
  newLocation: boolean;
  newService: boolean;
}

export const NOTHING_NEW: Readonly<BookingChange> = Object.freeze({
  previousStart: null,
  previousDurationMin: null,
  newSpecialist: false,
  newLocation: false,
  newService: false,
});

/**
 * From where the event found the booking to where it stands now; null if the event does not say where it was. Of several moves that
 * ended where they began only people are told who may have heard of another place, and which is not known.
 */
export function bookingChange({ change, merged }: BookingEvent, booking: BookingFacts): BookingChange | null {
  if (!change?.from) return null;
  const found = differences(change.from, booking);
  return merged && isNothing(found) ? null : found;
}

function differences(from: BookingState, booking: BookingFacts): BookingChange {
  const start = new Date(from.starts_at);
  return {
    previousStart: start.getTime() === booking.starts_at.getTime() ? null : start,
    previousDurationMin: from.duration_min === booking.duration_min ? null : from.duration_min,
    newSpecialist: from.specialist_id !== booking.specialist_id,
    newLocation: from.location_id !== booking.location_id,
    newService: from.service_id !== booking.service_id,
  };
}

const isNothing = (change: BookingChange): boolean => !Object.values(change).some(Boolean);
