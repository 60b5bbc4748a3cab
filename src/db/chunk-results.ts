import { type BroadcastEvent, chunkEventId } from '../domain/broadcasts.ts';
import type { WallClocks } from '../domain/venue-clock.ts';
import type { StoredBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { NO_QUIET_WAIT, quietWaitOf } from './quiet-waits.ts';
import { changeRows } from './statement.ts';
import { encodeTally, type Tally, tallyOfEvent } from './tallies.ts';

/** Who was given back is asked for again after so long, twice as long each time, in ms. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

interface ChunkOfCompany {
  broadcast_id: number;
  number: number;
  company_id: number;
}

/** Null when there is no such chunk. `isRetired`: rows of it have left the log with age. */
async function chunkInLog(tx: Sql, { broadcast_id, number, company_id }: ChunkOfCompany) {
  const [row] = await tx.execute<{ size: number; offers: number; state: string }[]>(
    'SELECT size, offers, state FROM broadcast_chunks WHERE broadcast_id = ? AND number = ?',
    [broadcast_id, number],
  );
  if (!row) return null;
  const tally = await tallyOfEvent(tx, company_id, chunkEventId(broadcast_id, number));
  const isWhole = tally.reduce((sum, { count }) => sum + count, 0) >= row.size;
  return { offers: row.offers, tally, isWhole, isRetired: row.state === 'finished' && !isWhole };
}

/**
 * Takes note of how a chunk stands now that one of its offers has ended: finished when the log tells of all its people, else
 * to be offered again, but not before the first of them may hear it where all who are left are in their quiet hours. A deleted chunk is no error; one whose rows were retired stays as it is, whatever is replayed of it.
 */
export async function settleChunk(
  tx: Sql,
  { company_id, broadcast_id, chunk }: Pick<BroadcastEvent, 'company_id' | 'broadcast_id' | 'chunk'>,
  now: Date,
  clocks?: WallClocks,
): Promise<void> {
  const logged = await chunkInLog(tx, { broadcast_id, number: chunk, company_id });
  if (!logged || logged.isRetired) return;
  const { tally, offers, isWhole: isFinished } = logged;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(offers - 1, 10), LONGEST_WAIT_MS);
  const quiet = isFinished ? NO_QUIET_WAIT : await quietWaitOf(tx, { broadcast_id, chunk }, now, clocks);
  await changeRows(
    tx,
    `UPDATE broadcast_chunks SET state = ?, due_at = ?, counts = ?, waiting_quiet = ?, quiet_until = ?, finished_at = ?
      WHERE broadcast_id = ? AND number = ?`,
    [
      isFinished ? 'finished' : 'waiting',
      isFinished ? null : (quiet.nothingBefore ?? new Date(now.getTime() + waitMs)),
      encodeTally(tally),
      quiet.people,
      quiet.until,
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

/**
 * Strikes from the log those who failed, so that the chunk offers them again. Answers how many: nobody of a chunk whose rows were
 * retired, for nobody knows any more who of it has been told.
 */
export async function forgetFailures(
  tx: Sql,
  { id, company_id }: Pick<StoredBroadcast, 'id' | 'company_id'>,
  number: number,
  { except, now }: { except: string; now: Date },
): Promise<number> {
  const logged = await chunkInLog(tx, { broadcast_id: id, number, company_id });
  if (!logged || logged.isRetired) return 0;
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
