import { z } from 'zod';
import {
  addDays,
  type CalendarDate,
  dateBy,
  isKnownZone,
  rememberedClocks,
  type WallClock,
  type WallClocks,
} from './venue-clock.ts';

/** What may be kept quiet: ads wait until the hours are over, messages about bookings come without a sound. */
export const QUIET_KINDS = ['broadcasts', 'messages'] as const;
export type QuietKind = (typeof QUIET_KINDS)[number];

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 22:00');

/** By the person's clock; past midnight where `to` is not later than `from`. */
const spanSchema = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, 'must not begin and end at the same time');
export type QuietSpan = z.infer<typeof spanSchema>;

/** What callers may set: a kind that is left out stays as it is. */
export const quietHoursSchema = z
  .strictObject({ broadcasts: spanSchema.nullable(), messages: spanSchema.nullable() })
  .partial();

/** Null where the kind has no quiet hours. */
export type QuietHours = Readonly<Record<QuietKind, QuietSpan | null>>;

/** Of whoever never chose; the database has the same for rows that do not say. */
export const DEFAULT_QUIET_HOURS: QuietHours = { broadcasts: { from: '22:00', to: '08:00' }, messages: null };

/** As they stand in `users.quiet_hours`. */
export const encodeQuietHours = ({ broadcasts, messages }: QuietHours): string =>
  JSON.stringify({ broadcasts, messages });

/** @param stored what `encodeQuietHours` wrote */
export const decodeQuietHours = (stored: string): QuietHours => JSON.parse(stored) as QuietHours;

interface Quiet {
  from: Date;
  /** The first moment after them. */
  until: Date;
}

/**
 * The quiet hours that a person is in; null outside of them, and where this runtime does not know their zone.
 * @param clocks for many people or moments: what remembers its answers
 */
export function quietAt(
  { quiet_hours, time_zone }: { quiet_hours: QuietHours; time_zone: string },
  kind: QuietKind,
  now: Date,
  clocks?: WallClocks,
): Quiet | null {
  const span = quiet_hours[kind];
  return span && isKnownZone(time_zone) ? quietSpanAt(span, time_zone, now, clocks) : null;
}

/** So many days more, back or ahead, two days' spans may run into each other. */
const DAYS_MORE = 2;

/**
 * The quiet hours around a moment; null outside of them. They begin when the clock first shows `from` and end when it has shown all
 * before `to` for the last time, so what the clock repeats at night is quiet as a whole, and what it leaves out is not waited for.
 */
export function quietSpanAt(
  span: QuietSpan,
  timeZone: string,
  now: Date,
  clocks: WallClocks = rememberedClocks(),
): Quiet | null {
  const today = dateBy(clocks, now, timeZone);
  const spanOn = (days: number) => spanOf(addDays(today, days), span, (date) => clocks(date, timeZone));
  for (const day of [-1, 0]) {
    const found = spanOn(day);
    if (found.from <= now && now < found.until) return widened(found, day, spanOn);
  }
  return null;
}

/** With the spans of the days around that run into this one, as some do where the clock goes back. */
function widened(found: Quiet, day: number, spanOn: (day: number) => Quiet): Quiet {
  let { from, until } = found;
  for (let days = 1; days <= DAYS_MORE; days += 1) {
    const before = spanOn(day - days);
    if (isShown(before) && before.until < from) break;
    if (isShown(before)) from = before.from;
  }
  for (let days = 1; days <= DAYS_MORE; days += 1) {
    const next = spanOn(day + days);
    if (isShown(next) && next.from > until) break;
    if (isShown(next)) until = next.until;
  }
  return { from, until };
}

/** False for hours that the clock leaves out. */
const isShown = ({ from, until }: Quiet): boolean => from < until;

/** The hours that begin on a day. */
function spanOf(date: CalendarDate, { from, to }: QuietSpan, clockOn: (date: CalendarDate) => WallClock): Quiet {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const lastDay = end > begin ? date : addDays(date, 1);
  return { from: clockOn(date).from(begin), until: clockOn(lastDay).until(end) };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
