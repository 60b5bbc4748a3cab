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
  const values = [company_id, event_id, JSON.stringify(event), new Date(ts * 1000)];
  await changeRows(tx, 'INSERT INTO outbox (company_id, event_id, event, created_at) VALUES (?, ?, ?, ?)', values);
}

/** The rows of a partition: those whose company's id leaves this remainder. */
export interface OutboxShare {
  shares: number;
  remainder: number;
}

/** The share that a company's events go through; the same rule as in the queries below. */
export function outboxShareOf(companyId: number, shares: number): number {
  return companyId % shares;
}

/** In the order of commit, those after `afterId` (0 for all). */
export async function openOutboxRows(
  database: Database,
  { afterId, limit, share }: { afterId: number; limit: number; share: OutboxShare },
): Promise<OpenOutboxRow[]> {
  return await database
    .read()
    .execute<OpenOutboxRow[]>(
      'SELECT id, company_id, event_id, event FROM outbox WHERE id > ? AND company_id % ? = ? ORDER BY id LIMIT ?',
      [afterId, share.shares, share.remainder, limit],
    );
}

/** The newest row of each share that has rows after `afterId`. */
export async function newestOutboxIds(
  database: Database,
  { afterId, shares }: { afterId: number; shares: number },
): Promise<{ remainder: number; id: number }[]> {
  return await database
    .read()
    .execute<{ remainder: number; id: number }[]>(
      'SELECT company_id % ? AS remainder, MAX(id) AS id FROM outbox WHERE id > ? GROUP BY 1',
      [shares, afterId],
    );
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
