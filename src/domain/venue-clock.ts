import { DateTime, IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A day of the calendar as `YYYY-MM-DD`; they sort as text. */
export type CalendarDate = string;
/** A month of the calendar as `YYYY-MM`; they sort as text. */
export type CalendarMonth = string;

/** Whether the text is a day that the calendar has: `2026-02-30` is none. */
export function isCalendarDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, { zone: 'UTC' }).isValid;
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export function weekdayOf(date: CalendarDate): number {
  return (new Date(date).getUTCDay() + 6) % 7;
}

export const monthOf = (date: CalendarDate): CalendarMonth => date.slice(0, 7);

export function addMonths(month: CalendarMonth, months: number): CalendarMonth {
  const first = new Date(`${month}-01`);
  first.setUTCMonth(first.getUTCMonth() + months);
  return first.toISOString().slice(0, 7);
}

export function daysOf(month: CalendarMonth): CalendarDate[] {
  const first = `${month}-01`;
  const days = (Date.parse(`${addMonths(month, 1)}-01`) - Date.parse(first)) / DAY_MS;
  return Array.from({ length: days }, (_, index) => addDays(first, index));
}

/** False for one that was stored under newer zone data. */
export const isKnownZone = (timeZone: string): boolean => IANAZone.create(timeZone).isValid;

/** The venue's date at a moment. */
export function dateAt(at: Date, timeZone: string): CalendarDate {
  const offsetMin = IANAZone.create(timeZone).offset(at.getTime());
  return new Date(at.getTime() + offsetMin * MINUTE_MS).toISOString().slice(0, 10);
}

/** `wallClock`, or what remembers its answers. */
export type WallClocks = (date: CalendarDate, timeZone: string) => WallClock;

/** Of several days in each zone that there is. */
const MOST_REMEMBERED = 4_096;

/**
 * For work over many moments of the same days: a clock costs some 0.1 ms, on the days of a change more than one. Of many it forgets
 * the oldest, so it may live as long as the process.
 */
export function rememberedClocks(clockOf: WallClocks = wallClock, most = MOST_REMEMBERED): WallClocks {
  const known = new Map<string, WallClock>();
  return (date, timeZone) => {
    const key = `${date} ${timeZone}`;
    const found = known.get(key);
    if (found) return found;
    const clock = clockOf(date, timeZone);
    known.set(key, clock);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return clock;
  };
}

/** The date at a moment by such clocks: costs nothing where they know the day. Of one that begins twice, from its first beginning. */
export function dateBy(clocks: WallClocks, at: Date, timeZone: string): CalendarDate {
  const date = at.toISOString().slice(0, 10); // the date in UTC, a day off at most
  if (at < clocks(date, timeZone).from(0)) return addDays(date, -1);
  const next = addDays(date, 1);
  return at < clocks(next, timeZone).from(0) ? date : next;
}

/** One day by the clock on the venue's wall. Its times are minutes since midnight; 1440 is the next midnight. */
export interface WallClock {
  /** The first moment at which the clock shows this time or, where it is left out, a later one. */
  from(minutes: number): Date;
  /** The moment at which the clock has shown all earlier times for the last time. */
  until(minutes: number): Date;
}

/** The two differ only where the clocks go back: from 02:30 begins with the first 02:30, until 02:30 ends with the second. */
export function wallClock(date: CalendarDate, timeZone: string): WallClock {
  const zone = IANAZone.create(timeZone);
  const midnight = Date.parse(date);
  // Far enough on both sides for every zone; in between the clocks change once at most.
  const begin = midnight - DAY_MS;
  const end = midnight + 2 * DAY_MS;
  const before = zone.offset(begin) * MINUTE_MS;
  const after = zone.offset(end) * MINUTE_MS;
  const moment = (minutes: number, offset: number) => midnight + minutes * MINUTE_MS - offset;
  if (before === after) {
    const only = (minutes: number) => new Date(moment(minutes, before));
    return { from: only, until: only };
  }
  const change = changeBetween(zone, begin, end);
  return {
    from(minutes) {
      const early = moment(minutes, before);
      return new Date(early < change ? early : Math.max(moment(minutes, after), change));
    },
    until(minutes) {
      const late = moment(minutes, after);
      return new Date(late > change ? late : Math.min(moment(minutes, before), change));
    },
  };
}

/** The moment from which the offset of `end` holds. */
function changeBetween(zone: IANAZone, begin: number, end: number): number {
  const before = zone.offset(begin);
  let [low, high] = [begin, end];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offset(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
