import { type ChunkId, chunkEventId } from '../domain/broadcasts.ts';
import { decodeQuietHours, quietAt } from '../domain/quiet-hours.ts';
import type { WallClocks } from '../domain/venue-clock.ts';
import { WAITING } from './broadcast-chunks.ts';
import type { Sql } from './database.ts';
import { placeholders } from './statement.ts';
import { booleanOf, dateOrNull, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** Those of a chunk whom the log does not name, as far as they are in their quiet hours. */
export interface QuietWait {
  people: number;
  /** When the last of these has an end; null where there is nobody. */
  until: Date | null;
  /** When the first has; null where somebody waits for something else. */
  nothingBefore: Date | null;
}

export const NO_QUIET_WAIT: QuietWait = { people: 0, until: null, nothingBefore: null };

const UNTOLD = `SELECT u.quiet_hours, COALESCE(u.time_zone, company.time_zone) AS time_zone, u.ads_opt_out, COUNT(*) AS people
FROM users u JOIN companies company ON company.id = u.company_id
WHERE u.id IN {members} AND u.erased_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM deliveries d WHERE d.company_id = u.company_id AND d.event_id = ? AND d.user_id = u.id)
GROUP BY 1, 2, 3`;

interface WaitingRow {
  quiet_hours: string;
  time_zone: string;
  ads_opt_out: StoredBoolean;
  people: number | string;
}

/** By the hours of now, whatever they were when the people were given back: only now counts for when it is worth asking again. */
export async function quietWaitOf(
  sql: Sql,
  { broadcast_id, chunk }: ChunkId,
  now: Date,
  clocks?: WallClocks,
): Promise<QuietWait> {
  const [row] = await sql.execute<{ user_ids: string; is_test: StoredBoolean }[]>(
    `SELECT c.user_ids, b.is_test FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
      WHERE c.broadcast_id = ? AND c.number = ?`,
    [broadcast_id, chunk],
  );
  if (!row || booleanOf(row.is_test)) return NO_QUIET_WAIT;
  const members = JSON.parse(row.user_ids) as number[];
  const groups = await sql.execute<WaitingRow[]>(UNTOLD.replace('{members}', placeholders(1, members.length)), [
    ...members,
    chunkEventId(broadcast_id, chunk),
  ]);
  const waits = groups.map(({ quiet_hours, time_zone, ads_opt_out, people }) => {
    const person = { quiet_hours: decodeQuietHours(quiet_hours), time_zone };
    const until = booleanOf(ads_opt_out) ? null : (quietAt(person, 'broadcasts', now, clocks)?.until ?? null);
    return { until, people: Number(people) };
  });
  const ends = waits.flatMap(({ until }) => until?.getTime() ?? []);
  if (ends.length === 0) return NO_QUIET_WAIT;
  return {
    people: waits.reduce((sum, { until, people }) => sum + (until ? people : 0), 0),
    until: new Date(Math.max(...ends)),
    nothingBefore: ends.length === waits.length ? new Date(Math.min(...ends)) : null,
  };
}

/** How many people of a broadcast wait for the end of their quiet hours, and when the last of these ends. */
export async function quietInBroadcast(
  sql: Sql,
  broadcast_id: number,
  now: Date,
): Promise<{ people: number; until: Date | null }> {
  const [row] = await sql.execute<{ people: number | string | null; until: StoredDate | null }[]>(
    `SELECT SUM(waiting_quiet) AS people, MAX(quiet_until) AS until FROM broadcast_chunks
      WHERE broadcast_id = ? AND ${WAITING} AND quiet_until > ?`,
    [broadcast_id, now],
  );
  return { people: Number(row?.people ?? 0), until: dateOrNull(row?.until ?? null) };
}
