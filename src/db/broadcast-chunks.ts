import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import { BroadcastChunk } from './broadcast-entities.ts';
import type { StoredBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { appendToOutbox } from './outbox.ts';
import { changeRows } from './statement.ts';
import { booleanOf, dateOf, type StoredBoolean, type StoredDate } from './stored-values.ts';
import { encodeTally, type Tally, tallyOfEvent } from './tallies.ts';

/** Who was given back is asked for again after so long, twice as long each time, in ms. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;
const NOTHING = encodeTally([]);

export interface Cut {
  /** In the order of their ids. */
  user_ids: readonly number[];
  /** Everybody up to this id has been looked at. */
  upTo: number;
  /** Telegram reaches none of them now. */
  isOfOthers: boolean;
}

/** Writes the next chunk and its event. Null when the broadcast does not run any more, or somebody else has cut it. */
export async function cutChunk(
  tx: Sql,
  broadcast: StoredBroadcast,
  { user_ids, upTo, isOfOthers }: Cut,
  now: Date,
): Promise<StoredBroadcast | null> {
  const { id, cut_up_to, others_cut_up_to, last_user_id } = broadcast;
  const [first_user_id, final] = [user_ids[0], user_ids.at(-1)];
  const chunks = broadcast.chunks + (user_ids.length > 0 ? 1 : 0);
  const next = isOfOthers ? { others_cut_up_to: upTo, cut_up_to } : { others_cut_up_to, cut_up_to: upTo };
  const is_cut = Math.min(next.cut_up_to, next.others_cut_up_to) >= (last_user_id ?? 0);
  const moved = await changeRows(
    tx,
    `UPDATE broadcasts SET cut_up_to = ?, others_cut_up_to = ?, chunks = ?, is_cut = ?
      WHERE id = ? AND status = 'running' AND cut_up_to = ? AND others_cut_up_to = ? AND chunks = ?`,
    [next.cut_up_to, next.others_cut_up_to, chunks, is_cut, id, cut_up_to, others_cut_up_to, broadcast.chunks],
  );
  if (moved === 0) return null;
  if (first_user_id !== undefined && final !== undefined) {
    await tx.insert(BroadcastChunk, {
      ...{ broadcast_id: id, number: chunks, state: 'offered', is_of_others: isOfOthers },
      ...{ user_ids: JSON.stringify(user_ids), size: user_ids.length, first_user_id, last_user_id: final },
      ...{ offers: 1, asked_since: now, due_at: null, counts: NOTHING, finished_at: null },
    });
    await offer(tx, broadcast, { number: chunks, offers: 1 }, now);
  }
  if (is_cut) await countPeople(tx, id);
  return { ...broadcast, ...next, chunks, is_cut };
}

/** People may have come or gone since the audience was counted: now it is known who is in it. */
async function countPeople(tx: Sql, id: number): Promise<void> {
  const sum = 'SELECT COALESCE(SUM(size), 0) FROM broadcast_chunks WHERE broadcast_id = ?';
  await changeRows(tx, `UPDATE broadcasts SET audience_size = (${sum}) WHERE id = ?`, [id, id]);
}

/** Who of these ids, in order, is in a chunk of the others already. */
export async function idsAmongOthers(sql: Sql, broadcast_id: number, ids: readonly number[]): Promise<Set<number>> {
  const rows = await sql.execute<{ user_ids: string }[]>(
    `SELECT user_ids FROM broadcast_chunks
      WHERE broadcast_id = ? AND is_of_others AND last_user_id >= ? AND first_user_id <= ?`,
    [broadcast_id, ids[0] ?? 0, ids.at(-1) ?? 0],
  );
  return new Set(rows.flatMap(({ user_ids }) => JSON.parse(user_ids) as number[]));
}

/** Under another row each time: the one before may not be settled yet. */
async function offer(
  tx: Sql,
  { id, company_id, initiated_by, trace }: StoredBroadcast,
  { number, offers }: { number: number; offers: number },
  askedSince: Date,
): Promise<void> {
  const event: BroadcastEvent = {
    id: chunkEventId(id, number),
    type: 'broadcast',
    company_id,
    broadcast_id: id,
    chunk: number,
    initiated_by,
    ts: Math.floor(askedSince.getTime() / 1000),
    ...(trace !== null && { trace }),
  };
  await appendToOutbox(tx, event, { lane: 'broadcast', as: `${event.id}:${offers}` });
}

/** Offers chunks that are due again; answers how many. */
export async function offerDueChunks(tx: Sql, broadcast: StoredBroadcast, now: Date, most: number): Promise<number> {
  const due = await dueChunks(tx, broadcast.id, now, most);
  for (const { number, offers, asked_since } of due) {
    await changeRows(
      tx,
      `UPDATE broadcast_chunks SET state = 'offered', offers = ?, due_at = NULL WHERE broadcast_id = ? AND number = ?`,
      [offers + 1, broadcast.id, number],
    );
    await offer(tx, broadcast, { number, offers: offers + 1 }, dateOf(asked_since));
  }
  return due.length;
}

/** Chunks whose time to be offered again has come. */
export async function dueChunks(
  sql: Sql,
  broadcast_id: number,
  now: Date,
  most: number,
): Promise<{ number: number; offers: number; asked_since: StoredDate }[]> {
  return await sql.execute(
    `SELECT number, offers, asked_since FROM broadcast_chunks
      WHERE broadcast_id = ? AND state = 'waiting' AND due_at <= ? ORDER BY due_at, number LIMIT ?`,
    [broadcast_id, now, most],
  );
}

/** How many are on their way, those of the others apart, and how many wait. */
export async function openChunks(
  sql: Sql,
  broadcast_id: number,
): Promise<{ offered: number; offeredOfOthers: number; waiting: number }> {
  const rows = await sql.execute<{ state: string; is_of_others: StoredBoolean; chunks: number | string }[]>(
    `SELECT state, is_of_others, COUNT(*) AS chunks FROM broadcast_chunks
      WHERE broadcast_id = ? AND state <> 'finished' GROUP BY 1, 2`,
    [broadcast_id],
  );
  const open = { offered: 0, offeredOfOthers: 0, waiting: 0 };
  for (const { state, is_of_others, chunks } of rows) {
    if (state === 'waiting') open.waiting += Number(chunks);
    else if (booleanOf(is_of_others)) open.offeredOfOthers += Number(chunks);
    else open.offered += Number(chunks);
  }
  return open;
}

/** Lets those that wait be offered at once, when the broadcast goes on. */
export async function hastenChunks(tx: Sql, broadcast_id: number, now: Date): Promise<void> {
  await changeRows(
    tx,
    `UPDATE broadcast_chunks SET due_at = ?, asked_since = ? WHERE broadcast_id = ? AND state = 'waiting'`,
    [now, now, broadcast_id],
  );
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

/** Chunks in which somebody has failed, or may have: of those on their way it is not known yet. */
export async function chunksWithFailures(sql: Sql, broadcast_id: number): Promise<number[]> {
  const rows = await sql.execute<{ number: number }[]>(
    `SELECT number FROM broadcast_chunks WHERE broadcast_id = ? AND (state = 'offered' OR counts LIKE '%"dead%') ORDER BY number`,
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
      asked_since = ?, finished_at = NULL WHERE broadcast_id = ? AND number = ?`,
    [now, encodeTally(tally), now, id, number],
  );
  return forgotten;
}
