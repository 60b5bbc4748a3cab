import type { BookingEventType } from '../domain/events.ts';
import { renderCancelled } from './booking-cancelled.ts';
import { renderCreated } from './booking-created.ts';
import { renderReminder } from './booking-reminder.ts';
import type { BookingRenderer } from './booking-renderer.ts';
import { renderRescheduled } from './booking-rescheduled.ts';
import { renderUnconfirmed } from './booking-unconfirmed.ts';

/** Whatever the channel, a message of an event type has the same parts. */
export const BOOKING_RENDERERS: Readonly<Record<BookingEventType, BookingRenderer>> = {
  booking_created: renderCreated,
  booking_cancelled: renderCancelled,
  booking_rescheduled: renderRescheduled,
  booking_reminder: renderReminder,
  booking_unconfirmed: renderUnconfirmed,
};
