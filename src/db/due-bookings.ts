import { shareRoom } from '../domain/room-shares.ts';
import type { Sql } from './database.ts';
import { noneOf } from './statement.ts';

/** Those behind them are found when the first are done with. */
const MAX_COMPANIES = 1000;

/** MATERIALIZED, for PostgreSQL would look into the index twice for each company. */
const companiesBut = (full: number): string =>
  `WITH looked AS MATERIALIZED (SELECT c.id, (SELECT MIN(b.next_reminder_at) FROM bookings b
    WHERE b.company_id = c.id AND b.next_reminder_at IS NOT NULL) AS first_due FROM companies c WHERE ${noneOf('c.id', full)})
  SELECT id FROM looked WHERE first_due <= ? ORDER BY first_due, id LIMIT ?`;

const DUE_OF_COMPANY = `SELECT id FROM (SELECT id FROM bookings WHERE company_id = ? AND next_reminder_at <= ?
  ORDER BY next_reminder_at, id LIMIT ?) due`;

interface Room {
  /** How many bookings. */
  room: number;
  /** How many of a company's reminders are under way; none where it is not named. */
  underWay: ReadonlyMap<number, number>;
  /** Companies that get no place. */
  full?: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Bookings whose reminders must be looked at now. However many are due in one company, the others come at once: those go first that
 * have the fewest under way, among equals whoever has waited longest. Costs one look into an index for each company, and reads no more of it than is answered.
 */
export async function dueBookings(sql: Sql, now: Date, { room, underWay, full = NONE }: Room): Promise<number[]> {
  const companies = await sql.execute<{ id: number }[]>(companiesBut(full.size), [...full, now, MAX_COMPANIES]);
  const shares = shareRoom(
    companies.map(({ id }) => ({ id, has: underWay.get(id) ?? 0 })),
    room,
  );
  if (shares.length === 0) return [];
  const due = await sql.execute<{ id: number }[]>(
    shares.map(() => DUE_OF_COMPANY).join(' UNION ALL '),
    shares.flatMap(({ id, places }) => [id, now, places]),
  );
  return due.map(({ id }) => id);
}
