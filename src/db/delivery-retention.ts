import { chunkIdOf } from '../domain/broadcasts.ts';
import type { Database, Sql } from './database.ts';
import type { DeliveryPosition } from './delivery-list.ts';
import type { DeliveryRow } from './event-entities.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

type Aged = Pick<DeliveryRow, 'id' | 'company_id' | 'event_id'> & { finished_at: Date };
type Deleted = Pick<DeliveryRow, 'company_id' | 'event_type' | 'channel' | 'status'> & { finished_at: StoredDate };

/**
 * Takes rows of the log that ended before `before` out of it, the oldest first, and counts them by day. What is still needed,
 * because the rest of its event is under way, stays.
 * @param after where to go on; undefined for the beginning
 * @returns where this ended; null when no older row is left
 */
export async function retireDeliveries(
  database: Database,
  { before, after, limit }: { before: Date; after?: DeliveryPosition | undefined; limit: number },
): Promise<DeliveryPosition | null> {
  const rows = await agedRows(database.survey(), { before, after, limit });
  const last = rows.at(-1);
  if (!last) return null;
  await database.write(async (tx) => {
    const kept = await eventsInUse(tx, rows, before);
    const ids = rows.filter(({ company_id, event_id }) => !kept.has(keyOf(company_id, event_id))).map(({ id }) => id);
    if (ids.length > 0) await countDeleted(tx, await deleteRows(tx, ids, before));
  });
  return rows.length < limit ? null : { id: last.id, finished_at: last.finished_at };
}

async function agedRows(
  sql: Sql,
  { before, after, limit }: { before: Date; after?: DeliveryPosition | undefined; limit: number },
): Promise<Aged[]> {
  const rows = await sql.execute<(Omit<Aged, 'finished_at'> & { finished_at: StoredDate })[]>(
    `SELECT id, company_id, event_id, finished_at FROM deliveries
      WHERE finished_at < ? AND (finished_at, id) > (?, ?) ORDER BY finished_at, id LIMIT ?`,
    [before, after?.finished_at ?? new Date(0), after?.id ?? 0, limit],
  );
  return rows.map((row) => ({ ...row, finished_at: dateOf(row.finished_at) }));
}

const keyOf = (company_id: number, event_id: string): string => `${company_id}:${event_id}`;

/**
 * Whoever the log does not name is told once more when their event goes on: a paused broadcast can take that long. Of a chunk
 * all rows go, or none: those who failed may get another chance for as long as the last of it is kept.
 */
async function eventsInUse(tx: Sql, rows: readonly Aged[], before: Date): Promise<Set<string>> {
  const events = new Map(rows.map((row) => [keyOf(row.company_id, row.event_id), row]));
  const open = await tx.execute<Pick<Aged, 'company_id' | 'event_id'>[]>(
    `SELECT company_id, event_id FROM outbox WHERE (company_id, event_id) IN (VALUES ${placeholders(events.size, 2)})`,
    [...events.values()].flatMap(({ company_id, event_id }) => [company_id, event_id]),
  );
  const kept = new Set(open.map(({ company_id, event_id }) => keyOf(company_id, event_id)));
  const chunks = [...events].flatMap(([key, { event_id }]) => {
    const chunk = chunkIdOf(event_id);
    return chunk ? [{ key, ...chunk }] : [];
  });
  if (chunks.length === 0) return kept;
  const inUse = await tx.execute<{ broadcast_id: number; number: number }[]>(
    `SELECT broadcast_id, number FROM broadcast_chunks
      WHERE (state <> 'finished' OR finished_at >= ?) AND (broadcast_id, number) IN (VALUES ${placeholders(chunks.length, 2)})`,
    [before, ...chunks.flatMap(({ broadcast_id, chunk }) => [broadcast_id, chunk])],
  );
  for (const { broadcast_id, number } of inUse)
    for (const each of chunks) if (each.broadcast_id === broadcast_id && each.chunk === number) kept.add(each.key);
  return kept;
}

/** What another process has deleted, or a replay has renewed, in the meantime is not among the answer. */
const deleteRows = (tx: Sql, ids: readonly number[], before: Date): Promise<Deleted[]> =>
  tx.execute<Deleted[]>(
    `DELETE FROM deliveries WHERE id IN (${ids.map(() => '?').join(', ')}) AND finished_at < ?
      RETURNING company_id, event_type, channel, status, finished_at`,
    [...ids, before],
  );

async function countDeleted(tx: Sql, rows: readonly Deleted[]): Promise<void> {
  const counts = new Map<string, { key: (string | number)[]; count: number }>();
  for (const { company_id, event_type, channel, status, finished_at } of rows) {
    const day = dateOf(finished_at).toISOString().slice(0, 10);
    const key = [company_id, day, event_type, channel ?? '', status];
    const entry = counts.get(JSON.stringify(key)) ?? { key, count: 0 };
    counts.set(JSON.stringify(key), { key, count: entry.count + 1 });
  }
  if (counts.size === 0) return;
  await changeRows(
    tx,
    `INSERT INTO delivery_totals (company_id, day, event_type, channel, status, deliveries)
      VALUES ${placeholders(counts.size, 6)}
      ON CONFLICT (company_id, day, event_type, channel, status)
      DO UPDATE SET deliveries = delivery_totals.deliveries + excluded.deliveries`,
    [...counts.values()].flatMap(({ key, count }) => [...key, count]),
  );
}
