import { chunkEventId } from '../domain/broadcasts.ts';
import type { Sql } from './database.ts';
import type { DeliveryRow } from './event-entities.ts';

/** How many people an event ended for in which way; no two entries are of one kind. */
export type Tally = readonly TallyEntry[];

export interface TallyEntry {
  status: DeliveryRow['status'];
  channel: string | null;
  /** Why: the code alone, for the words of a provider may be different each time. */
  reason: string | null;
  count: number;
}

const kindOf = ({ status, channel, reason }: TallyEntry): string => JSON.stringify([status, channel, reason]);

function sumOf(tallies: Iterable<TallyEntry>): Tally {
  const byKind = new Map<string, TallyEntry>();
  for (const entry of tallies) {
    const kind = kindOf(entry);
    byKind.set(kind, { ...entry, count: entry.count + (byKind.get(kind)?.count ?? 0) });
  }
  return [...byKind.values()];
}

/** Equal tallies are equal texts, so that a database can group them. */
export const encodeTally = (tally: Tally): string =>
  JSON.stringify(tally.map((entry) => [kindOf(entry), entry.count]).toSorted());

function decodeTally(text: string): Tally {
  return (JSON.parse(text) as [string, number][]).map(([kind, count]) => {
    const [status, channel, reason] = JSON.parse(kind) as [TallyEntry['status'], string | null, string | null];
    return { status, channel, reason, count };
  });
}

type LoggedEntry = Omit<TallyEntry, 'count'> & { count: number | string };

const codeOf = (reason: string | null): string | null => reason?.split(': ', 1)[0] ?? null;

/** What the log says of these events of a company. */
async function tallyOfEvents(sql: Sql, company_id: number, eventIds: readonly string[]): Promise<Tally> {
  if (eventIds.length === 0) return [];
  const rows = await sql.execute<LoggedEntry[]>(
    `SELECT status, channel, reason, COUNT(*) AS count FROM deliveries
      WHERE company_id = ? AND event_id IN (${eventIds.map(() => '?').join(', ')}) GROUP BY status, channel, reason`,
    [company_id, ...eventIds],
  );
  return sumOf(rows.map((row) => ({ ...row, reason: codeOf(row.reason), count: Number(row.count) })));
}

export const tallyOfEvent = (sql: Sql, company_id: number, eventId: string): Promise<Tally> =>
  tallyOfEvents(sql, company_id, [eventId]);

/** Settled chunks by what they count, and each that is open or ended lately: in one statement, so that none is in both or in neither. */
const CHUNKS = `SELECT counts, COUNT(*) AS chunks, NULL AS number, NULL AS state FROM broadcast_chunks
  WHERE broadcast_id = ? AND state <> 'offered' GROUP BY counts
UNION ALL
SELECT NULL, 0, number, state FROM broadcast_chunks WHERE broadcast_id = ? AND (state <> 'finished' OR finished_at >= ?)`;

type ChunksRow =
  | { counts: string; chunks: number | string; number: null; state: null }
  | { counts: null; chunks: 0; number: number; state: string };

/** What has become of a broadcast so far, and how many messages arrived at `since` or later. */
export async function tallyOfBroadcast(
  sql: Sql,
  { id, company_id }: { id: number; company_id: number },
  since: Date,
): Promise<{ tally: Tally; arrivedLately: number }> {
  const rows = await sql.execute<ChunksRow[]>(CHUNKS, [id, id, since]);
  const settled = rows.filter((row) => row.counts !== null);
  const recent = rows.filter((row) => row.counts === null);
  const eventIds = (chunks: typeof recent): string[] => chunks.map(({ number }) => chunkEventId(id, number));
  const offered = recent.filter(({ state }) => state === 'offered');
  const done = settled.flatMap(({ counts, chunks }) =>
    decodeTally(counts).map((entry) => ({ ...entry, count: entry.count * Number(chunks) })),
  );
  return {
    tally: sumOf([...done, ...(await tallyOfEvents(sql, company_id, eventIds(offered)))]),
    arrivedLately: await arrived(sql, company_id, eventIds(recent), since),
  };
}

async function arrived(sql: Sql, company_id: number, eventIds: readonly string[], since: Date): Promise<number> {
  if (eventIds.length === 0) return 0;
  const [row] = await sql.execute<{ count: number | string }[]>(
    `SELECT COUNT(*) AS count FROM deliveries WHERE company_id = ? AND event_id IN (${eventIds.map(() => '?').join(', ')})
      AND status = 'delivered' AND finished_at >= ?`,
    [company_id, ...eventIds, since],
  );
  return Number(row?.count ?? 0);
}

/** How many people running broadcasts have still to tell, in round numbers: those in chunks under way count as untold. */
export async function peopleAhead(sql: Sql): Promise<number> {
  const [audience] = await sql.execute<{ people: number | string | null }[]>(
    `SELECT SUM(audience_size) AS people FROM broadcasts WHERE status = 'running' AND NOT allow_paid`,
  );
  const [told] = await sql.execute<{ people: number | string | null }[]>(
    `SELECT SUM(c.size) AS people FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
      WHERE b.status = 'running' AND NOT b.allow_paid AND c.state = 'finished'`,
  );
  return Math.max(0, Number(audience?.people ?? 0) - Number(told?.people ?? 0));
}
