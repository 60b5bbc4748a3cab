import { endOfDay, type SpecialistDayEvent } from '../domain/day-lists.ts';
import type { Locale } from '../domain/events.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import { type CalendarDate, dateAt } from '../domain/venue-clock.ts';
import type { Sql } from './database.ts';
import { booleanOf, dateOf, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** One booking of a specialist's day. */
export interface DayBooking {
  id: number;
  starts_at: Date;
  duration_min: number;
  client_name: string;
  service_name: string;
  location_name: string | null;
  /** The venue's. */
  time_zone: string;
}

/** All that a list of today needs, as it stands now. */
export interface DayFacts {
  user: {
    tg_id: number | null;
    telegram_unreachable: string | null;
    locale: Locale;
    quiet_hours: QuietHours;
    /** By which their quiet hours are. */
    time_zone: string;
  };
  /** The company's. */
  time_zone: string;
  today: CalendarDate;
  endsAt: Date;
  /** Where the person's Telegram account belongs to users of other companies too; else null. */
  company_name: string | null;
  hasSeveralLocations: boolean;
  /** Those that stand and have not begun, in their order; of very many the first. */
  bookings: DayBooking[];
  /** How many there are. */
  total: number;
}

const READER = `SELECT u.tg_id, u.telegram_unreachable, u.locale, u.quiet_hours,
  COALESCE(u.time_zone, c.time_zone) AS user_time_zone, c.time_zone,
  CASE WHEN EXISTS (SELECT 1 FROM users other WHERE other.tg_id = u.tg_id AND other.company_id <> u.company_id)
    THEN c.name END AS company_name,
  (SELECT COUNT(*) FROM locations l WHERE l.company_id = c.id) > 1 AS has_several
FROM users u JOIN companies c ON c.id = u.company_id
WHERE u.id = ? AND u.company_id = ? AND u.erased_at IS NULL`;

type ReaderRow = Omit<DayFacts['user'], 'quiet_hours'> & {
  quiet_hours: string;
  user_time_zone: string;
  time_zone: string;
  company_name: string | null;
  has_several: StoredBoolean;
};

/** More than one message holds. */
const MOST = 150;

const BOOKINGS = `SELECT b.id, b.starts_at, b.duration_min, client.name AS client_name, s.name AS service_name,
  l.name AS location_name, COALESCE(l.time_zone, c.time_zone) AS time_zone,
  COUNT(*) OVER () AS total
FROM bookings b
JOIN companies c ON c.id = b.company_id
JOIN users client ON client.id = b.client_id
JOIN services s ON s.id = b.service_id
LEFT JOIN locations l ON l.id = b.location_id
WHERE b.specialist_id = ? AND b.status = 'created' AND b.starts_at > ? AND b.starts_at < ?
ORDER BY b.starts_at, b.id LIMIT ?`;

type StoredBooking = Omit<DayBooking, 'starts_at'> & { starts_at: StoredDate; total: number | string };

/** Null when the company has no such person, or they are erased. */
export async function dayFacts(
  sql: Sql,
  { company_id, user_id }: Pick<SpecialistDayEvent, 'company_id' | 'user_id'>,
  now: Date,
): Promise<DayFacts | null> {
  const [reader] = await sql.execute<ReaderRow[]>(READER, [user_id, company_id]);
  if (!reader) return null;
  const { time_zone, company_name, has_several, user_time_zone, quiet_hours, ...person } = reader;
  const user = { ...person, quiet_hours: decodeQuietHours(quiet_hours), time_zone: user_time_zone };
  const today = dateAt(now, time_zone);
  const endsAt = endOfDay(today, time_zone);
  const rows = await sql.execute<StoredBooking[]>(BOOKINGS, [user_id, now, endsAt, MOST]);
  return {
    ...{ user, time_zone, today, endsAt, company_name, hasSeveralLocations: booleanOf(has_several) },
    bookings: rows.map(({ total: _, starts_at, ...row }) => ({ ...row, starts_at: dateOf(starts_at) })),
    total: Number(rows[0]?.total ?? 0),
  };
}
