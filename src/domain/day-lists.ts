import { z } from 'zod';
import { bookingEventSchema } from './events.ts';
import { addDays, type CalendarDate, dateAt, isCalendarDate, wallClock } from './venue-clock.ts';

export const DEFAULT_DAY_LIST_AT = '08:00';

/** When specialists get their day's list, by the company's clock. */
export const dayListAtSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 08:00, or null');

/** One specialist's list of one day: what is in it is read when it is sent. */
export const specialistDayEventSchema = z.object({
  ...bookingEventSchema.pick({ id: true, company_id: true, initiated_by: true, ts: true, trace: true }).shape,
  type: z.literal('specialist_day'),
  user_id: z.int().positive(),
  /** By the company's clock. */
  date: z.string().refine(isCalendarDate, 'is no day of the calendar'),
});
export type SpecialistDayEvent = z.infer<typeof specialistDayEventSchema>;

/** How far a company has come with its lists. */
export interface DayListCase {
  /** Null: it wants none. */
  day_list_at: string | null;
  time_zone: string;
  /** Lists that were due before are not made up for. */
  since: Date;
  /** Of the lists that were due at `since`, those of specialists up to this id are decided. */
  after: number;
  now: Date;
}

export interface DayListDecision {
  /** The specialists behind `after` get their list of this date, which was due at `since`; null where nobody does. */
  list: { date: CalendarDate; since: Date; after: number } | null;
  /** When lists are due again after this one; null for never. */
  next: Date | null;
}

/** A list goes on its own day or never. */
export function decideDayLists({ day_list_at, time_zone, since, after, now }: DayListCase): DayListDecision {
  if (day_list_at === null) return { list: null, next: null };
  const next = nextDayList(day_list_at, time_zone, now);
  const date = dateAt(now, time_zone);
  const due = dueOn(date, day_list_at, time_zone);
  if (due === null || due > now || due < since) return { list: null, next };
  return { list: { date, since: due, after: due.getTime() === since.getTime() ? after : 0 }, next };
}

/** The first time after a moment that lists are due. */
function nextDayList(dayListAt: string, timeZone: string, after: Date): Date {
  for (let date = dateAt(after, timeZone); ; date = addDays(date, 1)) {
    const due = dueOn(date, dayListAt, timeZone);
    if (due && due > after) return due;
  }
}

/** A time that the clocks leave out is the first one behind the gap; null where nothing of the day is behind it. */
function dueOn(date: CalendarDate, dayListAt: string, timeZone: string): Date | null {
  const [hours = 0, minutes = 0] = dayListAt.split(':').map(Number);
  const due = wallClock(date, timeZone).from(hours * 60 + minutes);
  return dateAt(due, timeZone) === date ? due : null;
}

/** The moment at which a day is over. */
export const endOfDay = (date: CalendarDate, timeZone: string): Date => wallClock(addDays(date, 1), timeZone).from(0);
