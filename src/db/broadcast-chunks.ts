import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import { BroadcastChunk } from './broadcast-entities.ts';
import type { StoredBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { appendToOutbox } from './outbox.ts';
import { changeRows } from './statement.ts';
import { booleanOf, dateOf, type StoredBoolean, type StoredDate } from './stored-values.ts';
import { encodeTally } from './tallies.ts';

const NOTHING = encodeTally([]);

/** In the words of the index of open chunks, by which alone those that are finished are not read. */
export const WAITING = `state <> 'finished' AND state = 'waiting'`;

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
    await offer(tx, broadcast, { number: chunks, offers: 1, askedSince: now }, now);
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
  { number, offers, askedSince }: { number: number; offers: number; askedSince: Date },
  now: Date,
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
  await appendToOutbox(tx, event, { lane: 'broadcast', as: `${event.id}:${offers}`, at: now });
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
    await offer(tx, broadcast, { number, offers: offers + 1, askedSince: dateOf(asked_since) }, now);
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
      WHERE broadcast_id = ? AND ${WAITING} AND due_at <= ? ORDER BY due_at, number LIMIT ?`,
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
    `UPDATE broadcast_chunks SET due_at = ?, asked_since = ? WHERE broadcast_id = ? AND ${WAITING}`,
    [now, now, broadcast_id],
  );
}

/** Null when the company has no such chunk. */
export async function findChunk(
  sql: Sql,
  { broadcast_id, chunk, company_id }: Pick<BroadcastEvent, 'broadcast_id' | 'chunk' | 'company_id'>,
): Promise<{ members: number[]; isFinished: boolean } | null> {
  const [row] = await sql.execute<{ user_ids: string; state: string }[]>(
    `SELECT c.user_ids, c.state FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
      WHERE c.broadcast_id = ? AND c.number = ? AND b.company_id = ?`,
    [broadcast_id, chunk, company_id],
  );
  return row ? { members: JSON.parse(row.user_ids) as number[], isFinished: row.state === 'finished' } : null;
}
