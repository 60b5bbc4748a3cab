import type { BookingStatus } from '../domain/bookings.ts';
import { addDays, dateAt, wallClock } from '../domain/venue-clock.ts';
import type { Sql } from './database.ts';
import type { Value } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** Whose bookings: all of a company, or those of one client or specialist in it. */
export interface Place {
  company_id: number;
  of: 'company' | 'client' | 'specialist';
  /** The client or the specialist. */
  user_id: number;
}

export interface ListedBooking {
  id: number;
  ends_at: Date;
}

interface StoredListed {
  id: number;
  starts_at: StoredDate;
  ends_at: StoredDate;
}

interface Query {
  sql: string;
  values: Value[];
}

const COLUMN = { company: 'company_id', client: 'client_id', specialist: 'specialist_id' } as const;

/** SQLite merges 500 selects at most (SQLITE_MAX_COMPOUND_SELECT). */
const MOST_PARTS = 200;

/** Each place by an index of its own, and no more of it than is wanted; who holds two places in a booking has it once. */
async function merged(sql: Sql, queries: readonly Query[], most: number): Promise<ListedBooking[]> {
  if (queries.length === 0) return [];
  const asked = queries.slice(0, MOST_PARTS);
  const parts = asked.map((query, n) => `SELECT * FROM (${query.sql} ORDER BY b.starts_at, b.id LIMIT ?) AS part${n}`);
  const values = [...asked.flatMap((query) => [...query.values, most]), most];
  const rows = await sql.execute<StoredListed[]>(`${parts.join(' UNION ')} ORDER BY 2, 1 LIMIT ?`, values);
  return rows.map(({ id, ends_at }) => ({ id, ends_at: dateOf(ends_at) }));
}

/** Those that stand and have not begun, soonest first. */
export async function upcomingBookings(
  sql: Sql,
  places: readonly Place[],
  { now, most }: { now: Date; most: number },
): Promise<ListedBooking[]> {
  const queries = places.map(
    (place): Query => ({
      sql: `SELECT b.id, b.starts_at, b.ends_at FROM bookings b
        WHERE b.${COLUMN[place.of]} = ? AND b.status = 'created' AND b.starts_at > ?`,
      values: [place.of === 'company' ? place.company_id : place.user_id, now],
    }),
  );
  return await merged(sql, queries, most);
}

const ZONES = 'SELECT DISTINCT company_id, time_zone FROM locations WHERE time_zone IS NOT NULL AND company_id IN';

/** Those of the day that it is at the venue now, whatever became of them, but for the cancelled ones; earliest first. */
export async function bookingsOfToday(
  sql: Sql,
  places: readonly (Place & { time_zone: string })[],
  { now, most }: { now: Date; most: number },
): Promise<ListedBooking[]> {
  if (places.length === 0) return [];
  const companies = [...new Set(places.map(({ company_id }) => company_id))];
  const venues = await sql.execute<{ company_id: number; time_zone: string }[]>(
    `${ZONES} (${companies.map(() => '?').join(', ')})`,
    companies,
  );
  const queries = places.flatMap((place) => {
    const own = venues.filter(({ company_id }) => company_id === place.company_id);
    const zones = new Set([place.time_zone, ...own.map(({ time_zone }) => time_zone)]);
    return [...zones].map((zone) => ofDay(place, zone, now));
  });
  return await merged(sql, queries, most);
}

/** By the company's index also for one person: theirs are kept by day only while nothing has become of them. */
function ofDay({ company_id, of, user_id }: Place, zone: string, now: Date): Query {
  const today = dateAt(now, zone);
  const [begin, end] = [wallClock(today, zone).from(0), wallClock(addDays(today, 1), zone).from(0)];
  return {
    sql: `SELECT b.id, b.starts_at, b.ends_at FROM bookings b
      JOIN companies co ON co.id = b.company_id LEFT JOIN locations l ON l.id = b.location_id
      WHERE b.company_id = ? AND b.starts_at >= ? AND b.starts_at < ? AND b.status <> 'cancelled'
        AND COALESCE(l.time_zone, co.time_zone) = ?${of === 'company' ? '' : ` AND +b.${COLUMN[of]} = ?`}`,
    values: [company_id, begin, end, zone, ...(of === 'company' ? [] : [user_id])],
  };
}

/** What a list says of a booking. */
export interface BookingLine {
  id: number;
  company_id: number;
  client_id: number;
  specialist_id: number;
  starts_at: Date;
  ends_at: Date;
  duration_min: number;
  status: BookingStatus;
  company_name: string;
  client_name: string;
  specialist_name: string;
  service_name: string;
  location_name: string | null;
  /** The venue's. */
  time_zone: string;
}

const LINES = `SELECT b.id, b.company_id, b.client_id, b.specialist_id, b.starts_at, b.ends_at, b.duration_min, b.status,
  co.name AS company_name, c.name AS client_name, sp.name AS specialist_name, s.name AS service_name,
  l.name AS location_name, COALESCE(l.time_zone, co.time_zone) AS time_zone
FROM bookings b
JOIN companies co ON co.id = b.company_id
JOIN users c ON c.id = b.client_id
JOIN users sp ON sp.id = b.specialist_id
JOIN services s ON s.id = b.service_id
LEFT JOIN locations l ON l.id = b.location_id
WHERE b.id IN`;

type StoredLine = Omit<BookingLine, 'starts_at' | 'ends_at'> & { starts_at: StoredDate; ends_at: StoredDate };

/** In the order of the ids. */
export async function bookingLines(sql: Sql, ids: readonly number[]): Promise<BookingLine[]> {
  if (ids.length === 0) return [];
  const rows = await sql.execute<StoredLine[]>(`${LINES} (${ids.map(() => '?').join(', ')})`, [...ids]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [{ ...row, starts_at: dateOf(row.starts_at), ends_at: dateOf(row.ends_at) }] : [];
  });
}
