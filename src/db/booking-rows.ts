import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { BookingRow } from './entities.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOf, dateOrNull, type StoredDate } from './stored-values.ts';

/**
 * Bookings in plain statements, at a third of what MikroORM's own cost: every booking passes here inside the group
 * commit, where its neighbours wait for it.
 */

type DateColumn = 'starts_at' | 'ends_at' | 'created_at' | 'updated_at';
type NullableDateColumn = 'moved_at' | 'next_reminder_at' | 'confirmed_at' | 'confirmed_starts_at';
type StoredBooking = Omit<BookingRow, DateColumn | NullableDateColumn> &
  Record<DateColumn, StoredDate> &
  Record<NullableDateColumn, StoredDate | null>;

const COLUMNS = [
  'external_id',
  'company_id',
  'client_id',
  'specialist_id',
  'service_id',
  'location_id',
  'starts_at',
  'ends_at',
  'duration_min',
  'status',
  'version',
  'start_version',
  'moved_at',
  'next_reminder_at',
  'confirmed_at',
  'confirmed_starts_at',
  'created_at',
  'updated_at',
] as const satisfies Exclude<keyof BookingRow, 'id'>[];

const FIND = `SELECT id, ${COLUMNS.join(', ')} FROM bookings WHERE id = ?`;
const INSERT = `INSERT INTO bookings (${COLUMNS.join(', ')}) VALUES ${placeholders(1, COLUMNS.length)} RETURNING id`;
const UPDATE = `UPDATE bookings SET ${COLUMNS.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`;

const valuesOf = (row: Omit<BookingRow, 'id'>) => COLUMNS.map((column) => row[column]);

/** Null when there is none. */
export async function findBooking(em: SqlEntityManager, id: number): Promise<BookingRow | null> {
  const [row] = await em.execute<StoredBooking[]>(FIND, [id]);
  if (!row) return null;
  return {
    ...row,
    starts_at: dateOf(row.starts_at),
    ends_at: dateOf(row.ends_at),
    created_at: dateOf(row.created_at),
    updated_at: dateOf(row.updated_at),
    moved_at: dateOrNull(row.moved_at),
    next_reminder_at: dateOrNull(row.next_reminder_at),
    confirmed_at: dateOrNull(row.confirmed_at),
    confirmed_starts_at: dateOrNull(row.confirmed_starts_at),
  };
}

/** The row with its new id. */
export async function insertBooking(tx: SqlEntityManager, row: Omit<BookingRow, 'id'>): Promise<BookingRow> {
  const [inserted] = await tx.execute<{ id: number }[]>(INSERT, valuesOf(row));
  if (!inserted) throw new Error('INSERT … RETURNING gave no row');
  return { ...row, id: inserted.id };
}

/** Writes all columns of the row with this id. */
export async function updateBooking(tx: SqlEntityManager, row: BookingRow): Promise<void> {
  await changeRows(tx, UPDATE, [...valuesOf(row), row.id]);
}
