import type { SpecialistDayEvent } from '../domain/day-lists.ts';
import type { Sql } from './database.ts';
import { changeRows, chunksOf, noneOf, placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** A company whose lists must be looked at. */
export interface DueCompany {
  id: number;
  day_list_at: string | null;
  time_zone: string;
  since: Date;
  after: number;
}

const dueBut = (
  full: number,
): string => `SELECT id, day_list_at, time_zone, next_day_list_at AS since, day_list_after AS after_id
  FROM companies WHERE next_day_list_at <= ? AND ${noneOf('id', full)} ORDER BY day_list_after, next_day_list_at, id LIMIT ?`;

/**
 * Those that have got nowhere yet come first, so that no company waits until a large one has finished.
 * @param full companies that are left out
 */
export async function dueCompanies(
  sql: Sql,
  now: Date,
  { most, full }: { most: number; full: ReadonlySet<number> },
): Promise<DueCompany[]> {
  type Stored = Omit<DueCompany, 'since' | 'after'> & { since: StoredDate; after_id: number };
  const rows = await sql.execute<Stored[]>(dueBut(full.size), [now, ...full, most]);
  return rows.map(({ since, after_id, ...row }) => ({ ...row, since: dateOf(since), after: after_id }));
}

const SPECIALISTS = `SELECT DISTINCT b.specialist_id AS id FROM bookings b
  JOIN users u ON u.id = b.specialist_id AND u.erased_at IS NULL
  WHERE b.company_id = ? AND b.starts_at > ? AND b.starts_at < ? AND b.status = 'created' AND b.specialist_id > ?
  ORDER BY 1 LIMIT ?`;

/** Those with a booking that begins between the two moments, by id. It reads all of these bookings. */
export async function specialistsBetween(
  sql: Sql,
  { id, after }: Pick<DueCompany, 'id' | 'after'>,
  { from, to, most }: { from: Date; to: Date; most: number },
): Promise<number[]> {
  const rows = await sql.execute<{ id: number }[]>(SPECIALISTS, [id, from, to, after, most]);
  return rows.map((row) => row.id);
}

/**
 * Notes how far a company has come, unless another scheduler, or a change of its hour or zone, came first.
 * @param next null for never
 */
export async function moveOn(
  tx: Sql,
  { id, since, after }: DueCompany,
  { next, nextAfter }: { next: Date | null; nextAfter: number },
): Promise<boolean> {
  const moved = await changeRows(
    tx,
    `UPDATE companies SET next_day_list_at = ?, day_list_after = ?
      WHERE id = ? AND next_day_list_at = ? AND day_list_after = ?`,
    [next, nextAfter, id, since, after],
  );
  return moved > 0;
}

/** Answers the events of those who have no list of their day yet; the others are not recorded. */
export async function recordDayLists(
  tx: Sql,
  events: readonly SpecialistDayEvent[],
  now: Date,
): Promise<SpecialistDayEvent[]> {
  const recorded = new Set<string>();
  for (const chunk of chunksOf(events)) {
    const rows = await tx.execute<{ event_id: string }[]>(
      `INSERT INTO day_lists (user_id, date, company_id, event_id, decided_at) VALUES ${placeholders(chunk.length, 5)}
        ON CONFLICT (user_id, date) DO NOTHING RETURNING event_id`,
      chunk.flatMap(({ user_id, date, company_id, id }) => [user_id, date, company_id, id, now]),
    );
    for (const { event_id } of rows) recorded.add(event_id);
  }
  return events.filter(({ id }) => recorded.has(id));
}

/** A day whose list somebody was to get. */
export interface PersonDayList {
  date: string;
  event_id: string;
  decided_at: Date;
}

/** By day. */
export async function dayListsOf(sql: Sql, user_id: number, most: number): Promise<PersonDayList[]> {
  const rows = await sql.execute<(Omit<PersonDayList, 'decided_at'> & { decided_at: StoredDate })[]>(
    'SELECT date, event_id, decided_at FROM day_lists WHERE user_id = ? ORDER BY date LIMIT ?',
    [user_id, most],
  );
  return rows.map((row) => ({ ...row, decided_at: dateOf(row.decided_at) }));
}

/** Forgets what was decided before, which must be more than a day ago. Answers how many rows went. */
export async function deleteOldDayLists(
  database: { write<T>(work: (tx: Sql) => Promise<T>): Promise<T> },
  before: Date,
  limit: number,
): Promise<number> {
  return await database.write((tx) =>
    changeRows(
      tx,
      `DELETE FROM day_lists WHERE (user_id, date) IN
        (SELECT user_id, date FROM day_lists WHERE decided_at < ? ORDER BY decided_at LIMIT ?)`,
      [before, limit],
    ),
  );
}
