import type { BroadcastEvent } from './broadcasts.ts';
import type { SpecialistDayEvent } from './day-lists.ts';
import type { BookingEvent } from './events.ts';

/** Every event that messages to people come from. */
export type AnyEvent = BookingEvent | BroadcastEvent | SpecialistDayEvent;

/** Null for an event that is about no booking. */
export function bookingEventOf(event: AnyEvent): BookingEvent | null {
  return event.type === 'broadcast' || event.type === 'specialist_day' ? null : event;
}
