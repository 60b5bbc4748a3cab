import type { EntityManager } from '@mikro-orm/core';
import type { AnyEvent } from '../domain/any-event.ts';
import { chunkIdOf } from '../domain/broadcasts.ts';
import type { Lane, WorkStream } from '../domain/lanes.ts';
import type { Database, Sql } from './database.ts';
import { changeRows, chunksOf, placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

/** `event` is the JSON that goes into the stream. */
export interface OpenOutboxRow {
  id: number;
  company_id: number;
  event_id: string;
  event: string;
}

const INSERT = 'INSERT INTO outbox (company_id, event_id, event, lane, created_at) VALUES';
const APPEND = `${INSERT} ${placeholders(1, 5)}`;

/**
 * In the transaction of the change that the event tells of. A second row with the same id violates a unique key.
 * @param as the row's own id, for an event that may be offered more than once
 * @param at when it is committed, for an event that is older
 */
export async function appendToOutbox(
  tx: EntityManager,
  event: AnyEvent,
  options: { lane?: Lane; as?: string; at?: Date } = {},
): Promise<void> {
  const { lane = 'p2p', as = event.id, at = new Date(event.ts * 1000) } = options;
  await changeRows(tx, APPEND, [event.company_id, as, JSON.stringify(event), lane, at]);
}

/** As `appendToOutbox`, for many events to people; in this order. */
export async function appendManyToOutbox(
  tx: EntityManager,
  events: readonly AnyEvent[],
  { at }: { at?: Date } = {},
): Promise<void> {
  for (const chunk of chunksOf(events))
    await changeRows(
      tx,
      `${INSERT} ${placeholders(chunk.length, 5)}`,
      chunk.flatMap((event) => [
        ...[event.company_id, event.id, JSON.stringify(event), 'p2p', at ?? new Date(event.ts * 1000)],
      ]),
    );
}

/** The rows of a partition: those of its lane whose company's id leaves this remainder. */
export interface OutboxShare {
  lane: WorkStream;
  shares: number;
  remainder: number;
}

/** The share that a company's events go through; the same rule as in the queries below. */
export function outboxShareOf(companyId: number, shares: number): number {
  return companyId % shares;
}

/** The row of an event that is not settled; null for none. A chunk's row has the number of its offer behind the event's id. */
export async function openOutboxEvent(
  sql: Sql,
  { company_id, event_id }: Pick<OpenOutboxRow, 'company_id' | 'event_id'>,
): Promise<Pick<OpenOutboxRow, 'event_id' | 'event'> | null> {
  const chunk = chunkIdOf(event_id);
  const [offered] = chunk
    ? await sql.execute<{ offers: number }[]>(
        'SELECT offers FROM broadcast_chunks WHERE broadcast_id = ? AND number = ?',
        [chunk.broadcast_id, chunk.chunk],
      )
    : [];
  const [row] = await sql.execute<Pick<OpenOutboxRow, 'event_id' | 'event'>[]>(
    'SELECT event_id, event FROM outbox WHERE company_id = ? AND event_id = ?',
    [company_id, offered ? `${event_id}:${offered.offers}` : event_id],
  );
  return row ?? null;
}

/** In the order of commit, those after `afterId` (0 for all). */
export async function openOutboxRows(
  sql: Sql,
  { afterId, limit, share }: { afterId: number; limit: number; share: OutboxShare },
): Promise<OpenOutboxRow[]> {
  return await sql.execute<OpenOutboxRow[]>(
    'SELECT id, company_id, event_id, event FROM outbox WHERE id > ? AND lane = ? AND company_id % ? = ? ORDER BY id LIMIT ?',
    [afterId, share.lane, share.shares, share.remainder, limit],
  );
}

/** The first of the open rows after `afterId`; null for none. */
export async function firstOpenRow(
  database: Database,
  { afterId, share }: { afterId: number; share: OutboxShare },
): Promise<{ id: number; created_at: Date } | null> {
  const [row] = await database
    .survey()
    .execute<{ id: number; created_at: StoredDate }[]>(
      'SELECT id, created_at FROM outbox WHERE id > ? AND lane = ? AND company_id % ? = ? ORDER BY id LIMIT 1',
      [afterId, share.lane, share.shares, share.remainder],
    );
  return row ? { id: Number(row.id), created_at: dateOf(row.created_at) } : null;
}

/** The messages to people that a company has open, in the order of commit, those after `afterId`. */
export async function companyOutboxRows(
  sql: Sql,
  { company_id, afterId, limit }: { company_id: number; afterId: number; limit: number },
): Promise<OpenOutboxRow[]> {
  return await sql.execute<OpenOutboxRow[]>(
    `SELECT id, company_id, event_id, event FROM outbox
      WHERE company_id = ? AND id > ? AND lane <> 'webhooks' ORDER BY id LIMIT ?`,
    [company_id, afterId, limit],
  );
}

/** How many shares each lane has. */
export type OutboxShares = Readonly<Record<WorkStream, number>>;

/** The newest row of each share that has rows after `afterId`. */
export async function newestOutboxIds(
  database: Database,
  { afterId, shares }: { afterId: number; shares: OutboxShares },
): Promise<{ lane: WorkStream; remainder: number; id: number }[]> {
  const { p2p, broadcast, webhooks } = shares;
  const sharesOfLane = `CASE lane WHEN 'p2p' THEN ${p2p} WHEN 'broadcast' THEN ${broadcast} ELSE ${webhooks} END`;
  return await database
    .survey()
    .execute(
      `SELECT lane, company_id % ${sharesOfLane} AS remainder, MAX(id) AS id FROM outbox WHERE id > ? GROUP BY 1, 2`,
      [afterId],
    );
}

/** 0 when no row is open. */
export async function lastOutboxId(database: Database): Promise<number> {
  const [row] = await database.read().execute<{ id: number | null }[]>('SELECT MAX(id) AS id FROM outbox');
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
