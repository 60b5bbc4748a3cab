import { freeTimesOn, readBusyTimes, readVenueHours } from '../bookings/specialist-calendar.ts';
import type { Sql } from '../db/database.ts';
import { freeTimes, hasFreeTime } from '../domain/free-times.ts';
import { type DialogueBounds, dialogueBounds } from '../domain/reschedule-dialogue.ts';
import { type CalendarDate, type CalendarMonth, daysOf } from '../domain/venue-clock.ts';

/** The booking to be moved: its specialist, place and duration stay. */
export interface MovedBooking {
  id: number;
  company_id: number;
  specialist_id: number;
  location_id: number | null;
  starts_at: Date;
  duration_min: number;
}

/** Where a booking can be moved to. Each answer is one statement. */
export interface MoveCalendar {
  bounds: DialogueBounds;
  /** All but the time it has. */
  timesOf(date: CalendarDate): Promise<Date[]>;
  freeDaysOf(month: CalendarMonth): Promise<Set<CalendarDate>>;
}

export async function openMoveCalendar(sql: Sql, booking: MovedBooking, now: Date): Promise<MoveCalendar> {
  const venue = await readVenueHours(sql, booking);
  const { time_zone } = venue;
  const { id: moved, specialist_id, duration_min, starts_at } = booking;
  const bounds = dialogueBounds({ starts_at, time_zone }, now);
  const question = async (from: CalendarDate, to: CalendarDate) => {
    const busy = await readBusyTimes(sql, { specialist_id, moved, time_zone, from, to });
    return (date: CalendarDate) => ({ ...freeTimesOn(venue, { busy, date, duration_min, now }), except: starts_at });
  };

  return {
    bounds,
    async timesOf(date) {
      const on = await question(date, date);
      return freeTimes(on(date));
    },
    async freeDaysOf(month) {
      const days = daysOf(month).filter((date) => date >= bounds.today);
      const [first] = days;
      const last = days.at(-1);
      if (first === undefined || last === undefined) return new Set();
      const on = await question(first, last);
      return new Set(days.filter((date) => hasFreeTime(on(date))));
    },
  };
}
