import type { Sql } from '../db/database.ts';
import { parseStoredHours } from '../db/schedules.ts';
import { dateOf, nearestStorable, type StoredDate } from '../db/stored-values.ts';
import type { Interval } from '../domain/bookings.ts';
import type { FreeTimesQuestion } from '../domain/free-times.ts';
import { type CalendarDate, wallClock } from '../domain/venue-clock.ts';
import { effectiveHours, type WorkingHours } from '../domain/working-hours.ts';
import { earliestOverlap, latestStart } from './booking-calendar.ts';

/** The ids are of one company. */
export interface Workplace {
  company_id: number;
  specialist_id: number;
  /** Where they would work; null where the company's own zone and their own hours count. */
  location_id: number | null;
}

/** When a specialist is at work there. */
export interface VenueHours {
  time_zone: string;
  hours: WorkingHours;
}

/** The days to know of, both inclusive. */
export interface Days {
  from: CalendarDate;
  to: CalendarDate;
}

/** Ids start at 1. */
const NOWHERE = 0;
const NOTHING = 0;

const HOURS = `SELECT COALESCE(location.time_zone, company.time_zone) AS time_zone,
    own.hours AS own_hours, place.hours AS location_hours
  FROM companies company
  LEFT JOIN locations location ON location.id = ? AND location.company_id = company.id
  LEFT JOIN schedules own ON own.user_id = ?
  LEFT JOIN schedules place ON place.location_id = location.id
  WHERE company.id = ?`;

interface HoursRow {
  time_zone: string;
  own_hours: string | null;
  location_hours: string | null;
}

/** As in `refuseOverlap`: the status and the earliest start let SQLite walk a short piece of `bookings_overlap`. */
const BUSY = `SELECT starts_at, ends_at FROM bookings
  WHERE specialist_id = ? AND status = 'created' AND starts_at > ? AND starts_at < ? AND ends_at > ? AND id <> ?`;

export async function readVenueHours(sql: Sql, workplace: Workplace): Promise<VenueHours> {
  const { company_id, specialist_id, location_id } = workplace;
  const [row] = await sql.execute<HoursRow[]>(HOURS, [location_id ?? NOWHERE, specialist_id, company_id]);
  if (!row) throw new Error(`company ${company_id} is gone`);
  const parsed = (stored: string | null) => (stored === null ? null : parseStoredHours(stored));
  const { hours } = effectiveHours({ own: parsed(row.own_hours), location: parsed(row.location_hours) });
  return { time_zone: row.time_zone, hours };
}

/**
 * When the specialist is busy on any of the days, in one statement.
 * @param moved the booking that is being moved: it does not stand in its own way
 */
export async function readBusyTimes(
  sql: Sql,
  asked: { specialist_id: number; moved: number | null; time_zone: string } & Days,
): Promise<Interval[]> {
  const begin = nearestStorable(wallClock(asked.from, asked.time_zone).from(0));
  const end = nearestStorable(wallClock(asked.to, asked.time_zone).until(24 * 60));
  const values = [asked.specialist_id, earliestOverlap(begin), end, begin, asked.moved ?? NOTHING];
  const rows = await sql.execute<{ starts_at: StoredDate; ends_at: StoredDate }[]>(BUSY, values);
  return rows.map(({ starts_at, ends_at }) => ({ starts_at: dateOf(starts_at), ends_at: dateOf(ends_at) }));
}

/** What `freeTimes` asks for a day that `busy` covers. */
export function freeTimesOn(
  { time_zone, hours }: VenueHours,
  asked: { busy: readonly Interval[]; date: CalendarDate; duration_min: number; now: Date },
): FreeTimesQuestion {
  return { time_zone, hours, ...asked, latest: latestStart(asked.now) };
}
