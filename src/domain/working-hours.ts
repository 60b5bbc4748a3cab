import { z } from 'zod';
import { type CalendarDate, isCalendarDate, wallClock, weekdayOf } from './venue-clock.ts';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
type Weekday = (typeof WEEKDAYS)[number];

const MAX_BREAKS = 10;
const MAX_DAYS_OFF = 1000;

const from = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59');
const to = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time from 00:00 to 24:00');
const span = z.strictObject({ from, to });
type Span = z.infer<typeof span>;

const byStart = (a: Span, b: Span) => (a.from < b.from ? -1 : 1);

const workingDay = z
  .strictObject({
    from,
    to,
    breaks: z
      .array(span)
      .max(MAX_BREAKS)
      .default([])
      .transform((breaks) => breaks.toSorted(byStart)),
  })
  .superRefine((day, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message, input: day });
    // Times of one length compare as text.
    if (day.from >= day.to) refuse(['to'], 'must be later than from');
    for (const [index, { from, to }] of day.breaks.entries()) {
      if (from >= to) refuse(['breaks'], `must end after they begin: ${from}–${to}`);
      else if (from < day.from || to > day.to) refuse(['breaks'], `must lie within the day: ${from}–${to}`);
      else if ((day.breaks[index + 1]?.from ?? to) < to) refuse(['breaks'], `must not overlap: ${from}–${to}`);
    }
  });
export type WorkingDay = z.infer<typeof workingDay>;

const closedUnlessSaid = workingDay.nullable().default(null);
const calendarDate = z.string().refine(isCalendarDate, 'must be a date, such as 2026-12-31');

/** What a schedule is made of, and what it becomes: every weekday named, breaks and days off in order. */
export const workingHoursSchema = z.strictObject({
  /** By the clock on the venue's wall; null is closed. */
  weekly: z.strictObject(
    Object.fromEntries(WEEKDAYS.map((weekday) => [weekday, closedUnlessSaid])) as Record<
      Weekday,
      typeof closedUnlessSaid
    >,
  ),
  days_off: z
    .array(calendarDate)
    .max(MAX_DAYS_OFF)
    .default([])
    .transform((dates) => [...new Set(dates)].sort()),
});
export type WorkingHours = z.infer<typeof workingHoursSchema>;

/** Whose weekly hours count. */
export type HoursSource = 'own' | 'location' | 'default';

/** Every day, so that a company which has set nothing can use the bot at once. */
const DEFAULT_DAY: WorkingDay = { from: '09:00', to: '21:00', breaks: [] };
const DEFAULT_HOURS = workingHoursSchema.parse({
  weekly: Object.fromEntries(WEEKDAYS.map((weekday) => [weekday, DEFAULT_DAY])),
});

/** Whoever has hours of their own works by them, in every location; days off of the location close it for them too. */
export function effectiveHours(given: { own: WorkingHours | null; location: WorkingHours | null }): {
  hours: WorkingHours;
  source: HoursSource;
} {
  const { own, location } = given;
  if (!own) return location ? { hours: location, source: 'location' } : { hours: DEFAULT_HOURS, source: 'default' };
  const days_off = [...new Set([...own.days_off, ...(location?.days_off ?? [])])].sort();
  return { hours: { weekly: own.weekly, days_off }, source: 'own' };
}

/** One working day as moments. */
export interface OpenDay {
  opens_at: Date;
  closes_at: Date;
  breaks: { starts_at: Date; ends_at: Date }[];
}

/** Null on a day off. An hour that the clocks repeat is worked twice, one that they leave out is not worked. */
export function openDay(hours: WorkingHours, date: CalendarDate, timeZone: string): OpenDay | null {
  const weekday = WEEKDAYS[weekdayOf(date)];
  const day = weekday && hours.weekly[weekday];
  if (!day || hours.days_off.includes(date)) return null;
  const clock = wallClock(date, timeZone);
  return {
    opens_at: clock.from(minutesOf(day.from)),
    closes_at: clock.until(minutesOf(day.to)),
    breaks: day.breaks.map(({ from, to }) => ({
      starts_at: clock.from(minutesOf(from)),
      ends_at: clock.until(minutesOf(to)),
    })),
  };
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
