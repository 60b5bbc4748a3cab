import type { MoveEvent, MoveWindow } from '../domain/move-windows.ts';
import type { Sql } from './database.ts';
import { changeRows, placeholders, type Value } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

interface StoredWindow {
  booking_id: number;
  company_id: number;
  closes_at: StoredDate;
  told_id: string | null;
  held: string | null;
  merge_moves_s: number;
  asks: 0 | 1;
}

/** For how many ms a company lets moves wait now, and whether it asks its clients if they come. */
interface CompanyRules {
  mergeMs: number;
  asksClients: boolean;
}

/** Of which booking it is. */
export interface OpenWindow extends MoveWindow, CompanyRules {
  booking_id: number;
  company_id: number;
}

const ASKS = 'CASE WHEN c.no_show_ladder IS NULL THEN 0 ELSE 1 END AS asks';

const heldOf = ({ held }: Pick<StoredWindow, 'held'>): MoveEvent | null =>
  held === null ? null : (JSON.parse(held) as MoveEvent);

const FIND = `SELECT c.merge_moves_s, ${ASKS}, w.closes_at, w.told_id, w.held, o.id AS unsettled
FROM companies c LEFT JOIN move_windows w ON w.booking_id = ?
LEFT JOIN outbox o ON o.company_id = w.company_id AND o.event_id = w.told_id
WHERE c.id = ?`;

interface Found extends Pick<StoredWindow, 'merge_moves_s' | 'asks' | 'told_id' | 'held'> {
  closes_at: StoredDate | null;
  unsettled: number | null;
}

/** The company's rules, and the booking's window: its time may be over, but nobody has closed it. */
export async function findMoveWindow(
  tx: Sql,
  { booking_id, company_id }: { booking_id: number; company_id: number },
): Promise<CompanyRules & { window: (MoveWindow & { isToldSettled: boolean }) | null }> {
  const [found] = await tx.execute<Found[]>(FIND, [booking_id, company_id]);
  if (!found) throw new Error('a booking is of no company');
  const { merge_moves_s, asks, closes_at, told_id: toldBy, unsettled } = found;
  const rules = { mergeMs: merge_moves_s * 1000, asksClients: asks === 1 };
  if (closes_at === null) return { ...rules, window: null };
  const window = { closesAt: dateOf(closes_at), toldBy, held: heldOf(found), isToldSettled: unsettled === null };
  return { ...rules, window };
}

const COLUMNS = ['booking_id', 'company_id', 'closes_at', 'told_id', 'held'];
const UPDATES = COLUMNS.slice(2).map((column) => `${column} = excluded.${column}`);

/** Opens them, or puts them in the place of the bookings' earlier ones. */
export async function keepMoveWindows(
  tx: Sql,
  windows: readonly (MoveWindow & { booking_id: number; company_id: number })[],
): Promise<void> {
  if (windows.length === 0) return;
  await changeRows(
    tx,
    `INSERT INTO move_windows (${COLUMNS.join(', ')}) VALUES ${placeholders(windows.length, COLUMNS.length)}
      ON CONFLICT (booking_id) DO UPDATE SET ${UPDATES.join(', ')}`,
    windows.flatMap(({ booking_id, company_id, closesAt, toldBy, held }): Value[] => [
      ...[booking_id, company_id, closesAt, toldBy],
      held && JSON.stringify(held),
    ]),
  );
}

export async function dropMoveWindows(tx: Sql, bookingIds: readonly number[]): Promise<void> {
  if (bookingIds.length === 0) return;
  await changeRows(
    tx,
    `DELETE FROM move_windows WHERE booking_id IN ${placeholders(1, bookingIds.length)}`,
    bookingIds,
  );
}

/** The move that waited in it, which is the caller's to send now; null for none. */
export async function takeHeldMove(tx: Sql, bookingId: number): Promise<MoveEvent | null> {
  const [ended] = await tx.execute<Pick<StoredWindow, 'held'>[]>(
    'DELETE FROM move_windows WHERE booking_id = ? RETURNING held',
    [bookingId],
  );
  return ended ? heldOf(ended) : null;
}

/** Those of these bookings that have one, in the order in which they close. */
export async function openMoveWindows(tx: Sql, bookingIds: readonly number[]): Promise<OpenWindow[]> {
  if (bookingIds.length === 0) return [];
  const rows = await tx.execute<StoredWindow[]>(
    `SELECT w.booking_id, w.company_id, w.closes_at, w.told_id, w.held, c.merge_moves_s, ${ASKS}
      FROM move_windows w JOIN companies c ON c.id = w.company_id
      WHERE w.booking_id IN ${placeholders(1, bookingIds.length)} ORDER BY w.closes_at, w.booking_id`,
    [...bookingIds],
  );
  return rows.map(({ booking_id, company_id, closes_at, told_id, merge_moves_s, asks, ...row }) => ({
    ...{ booking_id, company_id, closesAt: dateOf(closes_at), toldBy: told_id },
    ...{ held: heldOf(row), mergeMs: merge_moves_s * 1000, asksClients: asks === 1 },
  }));
}

/** The windows that close next, whenever that is. */
export async function nextMoveWindows(sql: Sql, most: number): Promise<{ booking_id: number; closesAt: Date }[]> {
  const rows = await sql.execute<Pick<StoredWindow, 'booking_id' | 'closes_at'>[]>(
    'SELECT booking_id, closes_at FROM move_windows ORDER BY closes_at, booking_id LIMIT ?',
    [most],
  );
  return rows.map(({ booking_id, closes_at }) => ({ booking_id, closesAt: dateOf(closes_at) }));
}

/** The moves of a company's bookings that wait, as JSON. */
export async function heldMoves(sql: Sql, companyId: number, most: number): Promise<string[]> {
  const rows = await sql.execute<{ held: string }[]>(
    'SELECT held FROM move_windows WHERE company_id = ? AND held IS NOT NULL ORDER BY booking_id LIMIT ?',
    [companyId, most],
  );
  return rows.map(({ held }) => held);
}

/** A company's move that waits, as JSON, and until when; null for none with this id among so many. */
export async function findHeldMove(
  sql: Sql,
  { company_id, event_id }: { company_id: number; event_id: string },
  most: number,
): Promise<{ event: string; until: Date } | null> {
  const rows = await sql.execute<{ held: string; closes_at: StoredDate }[]>(
    'SELECT held, closes_at FROM move_windows WHERE company_id = ? AND held IS NOT NULL ORDER BY booking_id LIMIT ?',
    [company_id, most],
  );
  const found = rows.find(({ held }) => held.includes(event_id) && (JSON.parse(held) as MoveEvent).id === event_id);
  return found ? { event: found.held, until: dateOf(found.closes_at) } : null;
}
