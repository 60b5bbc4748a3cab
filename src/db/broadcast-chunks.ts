import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import { BroadcastChunk } from './broadcast-entities.ts';
import type { StoredBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { appendToOutbox } from './outbox.ts';
import { changeRows } from './statement.ts';
import { encodeTally, type Tally, tallyOfEvent } from './tallies.ts';

/** Who was given back is asked for again after so long, twice as long each time, in ms. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;
const NOTHING = encodeTally([]);

export interface Cut {
  user_ids: readonly number[];
  /** Everybody up to this id has been looked at. */
  upTo: number;
  isLast: boolean;
}

/** Writes the next chunk and its event. False when the broadcast does not run any more, or somebody else has cut it. */
export async function cutChunk(tx: Sql, broadcast: StoredBroadcast, cut: Cut, now: Date): Promise<boolean> {
  const { id, cut_up_to, chunks } = broadcast;
  const number = cut.user_ids.length > 0 ? chunks + 1 : chunks;
  const moved = await changeRows(
    tx,
    `UPDATE broadcasts SET cut_up_to = ?, chunks = ?, is_cut = ?
      WHERE id = ? AND status = 'running' AND cut_up_to = ? AND chunks = ?`,
    [cut.upTo, number, cut.isLast, id, cut_up_to, chunks],
  );
  if (moved === 0) return false;
  if (number > chunks) {
    await tx.insert(BroadcastChunk, {
      broadcast_id: id,
      number,
      state: 'offered',
      user_ids: JSON.stringify(cut.user_ids),
      size: cut.user_ids.length,
      offers: 1,
      due_at: null,
      counts: NOTHING,
      finished_at: null,
    });
    await offer(tx, broadcast, { number, offers: 1 }, now);
  }
  return true;
}

/** Under another row each time: the one before may not be settled yet. */
async function offer(
  tx: Sql,
  { id, company_id, initiated_by }: StoredBroadcast,
  { number, offers }: { number: number; offers: number },
  now: Date,
): Promise<void> {
  const event: BroadcastEvent = {
    id: chunkEventId(id, number),
    type: 'broadcast',
    company_id,
    broadcast_id: id,
    chunk: number,
    initiated_by,
    ts: Math.floor(now.getTime() / 1000),
  };
  await appendToOutbox(tx, event, { lane: 'broadcast', as: `${event.id}:${offers}` });
}

/** Offers chunks that are due again; answers how many. */
export async function offerDueChunks(tx: Sql, broadcast: StoredBroadcast, now: Date, most: number): Promise<number> {
  const due = await tx.execute<{ number: number; offers: number }[]>(
    `SELECT number, offers FROM broadcast_chunks
      WHERE broadcast_id = ? AND state = 'waiting' AND due_at <= ? ORDER BY due_at, number LIMIT ?`,
    [broadcast.id, now, most],
  );
  for (const { number, offers } of due) {
    await changeRows(
      tx,
      `UPDATE broadcast_chunks SET state = 'offered', offers = ?, due_at = NULL WHERE broadcast_id = ? AND number = ?`,
      [offers + 1, broadcast.id, number],
    );
    await offer(tx, broadcast, { number, offers: offers + 1 }, now);
  }
  return due.length;
}

/** How many are on their way. */
export async function offeredChunks(sql: Sql, broadcast_id: number): Promise<number> {
  const [row] = await sql.execute<{ chunks: number }[]>(
    `SELECT COUNT(*) AS chunks FROM broadcast_chunks WHERE broadcast_id = ? AND state = 'offered'`,
    [broadcast_id],
  );
  return Number(row?.chunks ?? 0);
}

/** Lets those that wait be offered at once, when the broadcast goes on. */
export async function hastenChunks(tx: Sql, broadcast_id: number, now: Date): Promise<void> {
  await changeRows(tx, `UPDATE broadcast_chunks SET due_at = ? WHERE broadcast_id = ? AND state = 'waiting'`, [
    now,
    broadcast_id,
  ]);
}

/** Null when the company has no such chunk. */
export async function chunkMembers(
  sql: Sql,
  { broadcast_id, chunk, company_id }: Pick<BroadcastEvent, 'broadcast_id' | 'chunk' | 'company_id'>,
): Promise<number[] | null> {
  const [row] = await sql.execute<{ user_ids: string }[]>(
    `SELECT c.user_ids FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
      WHERE c.broadcast_id = ? AND c.number = ? AND b.company_id = ?`,
    [broadcast_id, chunk, company_id],
  );
  return row ? (JSON.parse(row.user_ids) as number[]) : null;
}

/**
 * Takes note of how a chunk stands now that one of its offers has ended: finished when the log tells of all its people, else
 * to be offered again. A deleted chunk is no error.
 */
export async function settleChunk(
  tx: Sql,
  { id, company_id, broadcast_id, chunk }: Pick<BroadcastEvent, 'id' | 'company_id' | 'broadcast_id' | 'chunk'>,
  now: Date,
): Promise<void> {
  const [row] = await tx.execute<{ size: number; offers: number }[]>(
    'SELECT size, offers FROM broadcast_chunks WHERE broadcast_id = ? AND number = ?',
    [broadcast_id, chunk],
  );
  if (!row) return;
  const tally = await tallyOfEvent(tx, company_id, id);
  const isFinished = tally.reduce((sum, { count }) => sum + count, 0) >= row.size;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(row.offers - 1, 10), LONGEST_WAIT_MS);
  await changeRows(
    tx,
    `UPDATE broadcast_chunks SET state = ?, due_at = ?, counts = ?, finished_at = ? WHERE broadcast_id = ? AND number = ?`,
    [
      isFinished ? 'finished' : 'waiting',
      isFinished ? null : new Date(now.getTime() + waitMs),
      encodeTally(tally),
      isFinished ? now : null,
      broadcast_id,
      chunk,
    ],
  );
}

/** Chunks in which somebody failed in a way that may be tried again. */
export async function chunksWithFailures(sql: Sql, broadcast_id: number): Promise<number[]> {
  const rows = await sql.execute<{ number: number; counts: string }[]>(
    `SELECT number, counts FROM broadcast_chunks WHERE broadcast_id = ? AND counts LIKE '%"dead%' ORDER BY number`,
    [broadcast_id],
  );
  return rows.map(({ number }) => number);
}

/** Strikes from the log those who failed, so that the chunk offers them again. Answers how many. */
export async function forgetFailures(
  tx: Sql,
  { id, company_id }: Pick<StoredBroadcast, 'id' | 'company_id'>,
  number: number,
  { except, now }: { except: string; now: Date },
): Promise<number> {
  const eventId = chunkEventId(id, number);
  const forgotten = await changeRows(
    tx,
    `DELETE FROM deliveries WHERE company_id = ? AND event_id = ? AND status = 'dead' AND reason NOT LIKE ?`,
    [company_id, eventId, `${except}%`],
  );
  if (forgotten === 0) return 0;
  const tally: Tally = await tallyOfEvent(tx, company_id, eventId);
  await changeRows(
    tx,
    `UPDATE broadcast_chunks SET state = CASE state WHEN 'offered' THEN 'offered' ELSE 'waiting' END, due_at = ?, counts = ?,
      finished_at = NULL WHERE broadcast_id = ? AND number = ?`,
    [now, encodeTally(tally), id, number],
  );
  return forgotten;
}
