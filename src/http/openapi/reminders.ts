import { z } from 'zod';
import { BOOKING_STATUSES } from '../../domain/bookings.ts';
import { LADDER_PARTS } from '../../domain/ladder-steps.ts';
import { AUDIENCES } from '../../domain/recipients.ts';
import { REMINDER_SKIPS } from '../../domain/reminders.ts';
import type { Area } from './operation.ts';
import { id, instant, NOW } from './shapes.ts';

/** As answers have them. */
export const reminderOffset = z.union([z.int().min(1), z.strictObject({ evening_before: z.string() })]);

export const noShowLadder = z.strictObject({
  ask: reminderOffset,
  push_after_min: z.int().min(1).nullable(),
  call_after_min: z.int().min(1).nullable(),
});

const person = z.strictObject({
  user_id: id,
  role: z.enum(AUDIENCES),
  status: z.enum(['planned', 'under_way', 'delivered', 'suppressed', 'dead']),
  channel: z.string().nullable().meta({ description: 'By which it went, or would go now' }),
  reason: z.string().nullable().meta({ description: 'As in the delivery log' }),
});

const reminder = z.strictObject({
  offset: reminderOffset,
  only_user: id.nullable().meta({ description: 'Whose alone it is, where it goes before their quiet hours' }),
  step: z.enum(LADDER_PARTS).nullable().meta({
    description:
      'What follows the reminder of this offset when the client does not confirm, or `ask` for the question that went with a move in its place; null for the reminder',
  }),
  version: id.meta({
    description:
      "The booking's version that set the start of which it reminds; it counts again when the booking comes back to that time",
  }),
  due_at: instant,
  state: z.enum(['pending', 'emitted', 'skipped']),
  reason: z
    .enum([...REMINDER_SKIPS, 'booking_cancelled', 'booking_completed', 'booking_no_show', 'unattended'])
    .nullable()
    .meta({ description: 'Why it was, or is to be, skipped' }),
  event_id: z.string().nullable().meta({ description: 'For `/v1/deliveries`' }),
  decided_at: instant.nullable(),
  recipients: z.array(person),
});

const heldMove = z.strictObject({
  due_at: instant.meta({ description: 'Earlier, where something else goes out that has to follow it' }),
  event_id: z.string().meta({ description: 'For `/v1/deliveries/explain`' }),
  merged_versions: z.array(id).nullable().meta({ description: "The booking's versions that several moves made" }),
  recipients: z.array(person).meta({ description: 'Where moves have led back, whoever knows the place is not told' }),
});

const schedule = z.strictObject({
  booking_id: id,
  status: z.enum(BOOKING_STATUSES),
  starts_at: instant,
  time_zone: z.string().meta({ description: 'Of the venue' }),
  reminders: z.array(reminder),
  held_move: heldMove.nullable().meta({ description: 'What waits to be told in one with the moves that follow it' }),
});

export const scheduleSchemas = { BookingSchedule: schedule };

const pending = {
  ...{ only_user: null, step: null, version: 1 },
  ...{ state: 'pending', reason: null, event_id: null, decided_at: null },
};
const recipients = [
  { user_id: 1, role: 'client', status: 'planned', channel: 'telegram', reason: null },
  { user_id: 2, role: 'specialist', status: 'suppressed', channel: null, reason: 'no_channel' },
  { user_id: 3, role: 'admin', status: 'suppressed', channel: null, reason: 'setting_off' },
];

export const bookingScheduleOperations: Area['operations'] = {
  'GET /v1/bookings/{id}/schedule': {
    operationId: 'getBookingSchedule',
    summary: 'See what people are reminded of, when, and why not',
    description:
      'Every reminder of the booking in the order of time: what went out and what became of it for whom, what was skipped and why, ' +
      'and what is to come, with the people who would hear of it as the settings are now; and a move that waits for further ones.',
    examples: { params: { id: 1 } },
    answers: {
      200: {
        description: 'The schedule',
        schema: schedule,
        example: {
          ...{ booking_id: 1, status: 'created', starts_at: '2026-12-28T11:00:00.000Z', time_zone: 'Europe/Moscow' },
          reminders: [
            {
              ...{ offset: { evening_before: '19:00' }, ...pending, due_at: '2026-12-27T16:00:00.000Z' },
              ...{ state: 'skipped', reason: 'reminder_set_later', decided_at: NOW, recipients: [] },
            },
            { offset: 120, ...pending, due_at: '2026-12-28T09:00:00.000Z', recipients },
          ],
          held_move: {
            due_at: '2026-11-23T10:00:05.000Z',
            event_id: '0d7a8a52-7a3e-4a53-9f0c-5b0f6a3a2f11',
            merged_versions: [3, 4],
            recipients,
          },
        },
      },
    },
  },
};
