import { type Interval, intervalsOverlap } from './bookings.ts';
import type { CalendarDate } from './venue-clock.ts';
import { openDay, type WorkingHours } from './working-hours.ts';

const MINUTE_MS = 60_000;
/** Times are offered in this rhythm from the opening hour on. */
const STEP_MIN = 30;

export interface FreeTimesQuestion {
  hours: WorkingHours;
  time_zone: string;
  date: CalendarDate;
  /** Of the specialist, at least those that touch the day. */
  busy: readonly Interval[];
  duration_min: number;
  now: Date;
  /** No later start is offered. */
  latest: Date;
  /** A start that is not offered: the one that a booking has already. */
  except?: Date;
}

/** The starts at which the whole duration fits: in working hours, off breaks, in no other booking, later than now. */
export function freeTimes(question: FreeTimesQuestion): Date[] {
  return [...starts(question)];
}

/** Whether `freeTimes` has any. */
export function hasFreeTime(question: FreeTimesQuestion): boolean {
  return starts(question).next().done === false;
}

function* starts(question: FreeTimesQuestion): Generator<Date> {
  const { hours, time_zone, date, busy, duration_min, now, latest, except } = question;
  const day = openDay(hours, date, time_zone);
  if (!day || day.closes_at <= now) return;
  // First those of the day: whoever asks for a month is busy many times in it.
  const opening = { starts_at: day.opens_at, ends_at: day.closes_at };
  const taken = [...day.breaks, ...busy].filter((other) => intervalsOverlap(opening, other));
  const lastStart = Math.min(day.closes_at.getTime() - duration_min * MINUTE_MS, latest.getTime());
  for (let start = day.opens_at.getTime(); start <= lastStart; start += STEP_MIN * MINUTE_MS) {
    if (start <= now.getTime() || start === except?.getTime()) continue;
    const slot = { starts_at: new Date(start), ends_at: new Date(start + duration_min * MINUTE_MS) };
    if (!taken.some((other) => intervalsOverlap(slot, other))) yield slot.starts_at;
  }
}
