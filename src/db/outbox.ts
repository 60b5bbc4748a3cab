import type { EntityManager } from '@mikro-orm/core';
import type { BookingEvent } from '../domain/events.ts';
import type { Database } from './database.ts';
import { OutboxRow } from './entities.ts';
import { changeRows, chunksOf, placeholders } from './statement.ts';

/** `event` is the JSON that goes into the stream. */
export interface OpenOutboxRow {
  id: number;
  company_id: number;
  event_id: string;
  event: string;
}

/** In the transaction of the change that the event tells of. A second event with the same id violates a unique key. */
export async function appendToOutbox(tx: EntityManager, event: BookingEvent): Promise<void> {
  const { company_id, id: event_id, ts } = event;
  await tx.insert(OutboxRow, { company_id, event_id, event: JSON.stringify(event), created_at: new Date(ts * 1000) });
}

/** In the order of commit, those after `afterId` (0 for all). */
export async function openOutboxRows(
  database: Database,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<OpenOutboxRow[]> {
  const rows = await database
    .read()
    .find(
      OutboxRow,
      { id: { $gt: afterId } },
      { orderBy: { id: 'asc' }, limit, fields: ['id', 'company_id', 'event_id', 'event'], disableIdentityMap: true },
    );
  return rows.map(({ id, company_id, event_id, event }) => ({ id, company_id, event_id, event }));
}

/** 0 when no row is open. */
export async function lastOutboxId(database: Database): Promise<number> {
  const [row] = await database.read().find(OutboxRow, {}, { orderBy: { id: 'desc' }, limit: 1, fields: ['id'] });
  return row?.id ?? 0;
}

/** Deletes the rows of settled events; those already gone are no error. */
export async function closeOutboxRows(
  tx: EntityManager,
  rows: readonly Pick<OpenOutboxRow, 'company_id' | 'event_id'>[],
): Promise<void> {
  for (const chunk of chunksOf(rows))
    await changeRows(
      tx,
      `DELETE FROM outbox WHERE (company_id, event_id) IN (VALUES ${placeholders(chunk.length, 2)})`,
      chunk.flatMap(({ company_id, event_id }) => [company_id, event_id]),
    );
}
