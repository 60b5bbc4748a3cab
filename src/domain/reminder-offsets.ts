import { z } from 'zod';

const EVENING_BEFORE = 'evening_before ';
/** Stands in a key between the offset and the user who hears it early. */
export const EARLY = ' early ';
const MAX_REMINDERS = 10;
const LONGEST_OFFSET_MIN = 30 * 24 * 60;

/** When people are reminded: so many minutes before the start, or on the day before at a time by the clock of the venue. */
export const reminderOffsetSchema = z.union(
  [
    z.int().min(1).max(LONGEST_OFFSET_MIN),
    z.strictObject({
      evening_before: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 19:00'),
    }),
  ],
  `must be minutes from 1 to ${LONGEST_OFFSET_MIN}, or {"evening_before": "19:00"}`,
);
export type ReminderOffset = z.infer<typeof reminderOffsetSchema>;

export const remindersSchema = z
  .array(reminderOffsetSchema)
  .max(MAX_REMINDERS)
  .refine((offsets) => new Set(offsets.map(offsetKey)).size === offsets.length, 'must not hold the same twice');

/** A day and two hours before. */
export const DEFAULT_REMINDERS: readonly ReminderOffset[] = [1440, 120];

/** Names an offset within its company. */
export function offsetKey(offset: ReminderOffset): string {
  return typeof offset === 'number' ? String(offset) : `${EVENING_BEFORE}${offset.evening_before}`;
}

/** Names the reminder of an offset that goes early, to one person alone. */
export const earlyKey = (key: string, userId: number): string => `${key}${EARLY}${userId}`;

/** What a key names; `only_user` is null for a reminder to everybody. */
export function namedBy(key: string): { offset: ReminderOffset; only_user: number | null } {
  const [ordinary = '', user] = key.split(EARLY);
  const minutes = Number(ordinary);
  return {
    offset: Number.isInteger(minutes) ? minutes : { evening_before: ordinary.slice(EVENING_BEFORE.length) },
    only_user: user === undefined ? null : Number(user),
  };
}
