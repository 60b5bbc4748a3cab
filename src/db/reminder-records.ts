import type { DecidedReminder } from '../domain/reminders.ts';
import type { Database, Sql } from './database.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** What was decided, with where and when. */
export interface StoredReminder extends DecidedReminder {
  booking_id: number;
  /** The version that set the start; where the booking came back to it, the one under which something was decided of it first. */
  version: number;
  /** Null for one that was skipped. */
  event_id: string | null;
  decided_at: Date;
}

const DECIDED =
  'SELECT booking_id, version, offset_key AS "key", due_at, state, reason, event_id, decided_at FROM reminders';

/** All of this start, then of the other starts that the booking had as many as the limit allows, the newest first. */
export async function decidedReminders(
  sql: Sql,
  booking: { id: number; start_version: number },
  limit: number,
): Promise<StoredReminder[]> {
  type Stored = Omit<StoredReminder, 'due_at' | 'decided_at'> & { due_at: StoredDate; decided_at: StoredDate };
  const { id, start_version } = booking;
  const own = await sql.execute<Stored[]>(`${DECIDED} WHERE booking_id = ? AND version = ?`, [id, start_version]);
  const others = await sql.execute<Stored[]>(
    `${DECIDED} WHERE booking_id = ? AND version <> ? ORDER BY version DESC, offset_key LIMIT ?`,
    [id, start_version, limit],
  );
  const rows = [...own, ...others];
  return rows.map((row) => ({ ...row, due_at: dateOf(row.due_at), decided_at: dateOf(row.decided_at) }));
}

/** Under which version something was decided of this start; null where nothing was. */
export async function versionDecidedOf(tx: Sql, booking: { id: number; starts_at: Date }): Promise<number | null> {
  const [found] = await tx.execute<{ version: number }[]>(
    'SELECT version FROM reminders WHERE booking_id = ? AND starts_at = ? ORDER BY version DESC LIMIT 1',
    [booking.id, booking.starts_at],
  );
  return found?.version ?? null;
}

const COLUMNS = [
  'booking_id',
  'version',
  'starts_at',
  'offset_key',
  'due_at',
  'state',
  'reason',
  'event_id',
  'decided_at',
];

/** As it is written down, with the start that it is of. */
export type NewReminder = StoredReminder & { starts_at: Date };

/** A second decision on the same reminder violates the primary key. */
export async function recordReminders(tx: Sql, rows: readonly NewReminder[]): Promise<void> {
  if (rows.length === 0) return;
  await changeRows(
    tx,
    `INSERT INTO reminders (${COLUMNS.join(', ')}) VALUES ${placeholders(rows.length, COLUMNS.length)}`,
    rows.flatMap(({ booking_id, version, starts_at, key, due_at, state, reason, event_id, decided_at }) => [
      ...[booking_id, version, starts_at, key, due_at, state, reason, event_id, decided_at],
    ]),
  );
}

/**
 * Forgets what was decided before, of bookings that had begun by then: what is known of one to come keeps a reminder from going
 * twice. Answers how many rows went.
 */
export async function deleteOldReminders(
  database: Pick<Database, 'write'>,
  before: Date,
  limit: number,
): Promise<number> {
  return await database.write((tx) =>
    changeRows(
      tx,
      `DELETE FROM reminders WHERE (booking_id, version, offset_key) IN (
        SELECT r.booking_id, r.version, r.offset_key FROM reminders r JOIN bookings b ON b.id = r.booking_id
        WHERE r.decided_at < ? AND b.starts_at < ? ORDER BY r.decided_at LIMIT ?)`,
      [before, before, limit],
    ),
  );
}
