import { z } from 'zod';
import { reminderOffsetSchema } from './reminder-offsets.ts';
import { traceSchema } from './trace.ts';

/** The event types this version knows. Adding one: here, a renderer in `src/messages`, a handler in `src/dispatch`. */
export const BOOKING_EVENT_TYPES = [
  'booking_created',
  'booking_cancelled',
  'booking_rescheduled',
  'booking_reminder',
  'booking_unconfirmed',
] as const;
export type BookingEventType = (typeof BOOKING_EVENT_TYPES)[number];

/** What follows when the client does not confirm: they are reminded to, then somebody calls them. */
export const LADDER_STEPS = ['push', 'call'] as const;
export type LadderStep = (typeof LADDER_STEPS)[number];

/** The roles a recipient may have; a user row has exactly one. */
export const RECIPIENT_ROLES = ['client', 'specialist', 'admin'] as const;
export type RecipientRole = (typeof RECIPIENT_ROLES)[number];

/** Who may start a change: a person in a role, the back end itself (`system`), or the scheduler (`cron`). */
export const INITIATOR_ROLES = [...RECIPIENT_ROLES, 'system', 'cron'] as const;

/**
 * Neither control characters nor half surrogate pairs: PostgreSQL refuses U+0000, and UTF-8 would make one text of two.
 */
const storable = /^[^\p{Cc}\p{Cs}]*$/u;
const NOT_STORABLE = 'must not hold control characters';

export const initiatorSchema = z.object({
  user_id: z.int().positive().nullable(),
  role: z.enum(INITIATOR_ROLES),
  /** Free text of the caller's own: `api`, `tg_bot`, `web`, … */
  channel: z.string().min(1).max(64).regex(storable, NOT_STORABLE),
});
export type Initiator = z.infer<typeof initiatorSchema>;

/** Without initiator headers the change is the back end's own. */
export const SYSTEM_INITIATOR: Initiator = Object.freeze({ user_id: null, role: 'system', channel: 'api' });

/** The facts of a booking that a change can touch, as they were before it and as it left them. */
const bookingStateSchema = z.object({
  starts_at: z.iso.datetime({ offset: true }),
  specialist_id: z.int().positive(),
  service_id: z.int().positive(),
  location_id: z.int().positive().nullable(),
  duration_min: z.int().positive(),
});
export type BookingState = z.infer<typeof bookingStateSchema>;

const changeSchema = z.object({
  /** The booking's version that this change made. */
  version: z.int().positive(),
  from: bookingStateSchema.nullable(),
  to: bookingStateSchema,
});

export const bookingEventSchema = z.object({
  /** Unique per company. */
  id: z.string().min(1).max(128).regex(storable, NOT_STORABLE),
  type: z.enum(BOOKING_EVENT_TYPES),
  company_id: z.int().positive(),
  booking_id: z.int().positive(),
  initiated_by: initiatorSchema,
  /** Unix time in seconds. */
  ts: z.int().nonnegative(),
  change: changeSchema.optional(),
  /** Of a reminder that the scheduler sent: which of the company's it is; of a move: which it asks the client in place of. */
  offset: reminderOffsetSchema.optional(),
  /** The versions that several moves made, told in one: `change` leads from before the first to after the last. */
  merged: z.array(z.int().positive()).optional(),
  /**
   * Of moves that ended where they began: the event that told of that place, and the moment from which the booking was elsewhere. Whoever
   * was told by it before, and of nothing since, is not told.
   */
  after: z.object({ event_id: z.string(), before: z.iso.datetime() }).optional(),
  /** Of a reminder that goes before somebody's quiet hours: nobody else hears it. */
  only_user: z.int().positive().optional(),
  /** Of `booking_unconfirmed`: whose turn it is, the client's or that of those who call them; without it, everybody's. */
  step: z.enum(LADDER_STEPS).optional(),
  /** `traceparent` of what caused it. */
  trace: traceSchema,
});
/** The JSON in the field `event` of a stream entry. */
export type BookingEvent = z.infer<typeof bookingEventSchema>;

export const CHANNELS = ['telegram', 'web_push'] as const;
export type Channel = (typeof CHANNELS)[number];

export const LOCALES = ['ru', 'en'] as const;
export type Locale = (typeof LOCALES)[number];
