import type { Audience, BroadcastContent, BroadcastStatus } from '../domain/broadcasts.ts';
import { type Initiator, initiatorSchema } from '../domain/events.ts';
import { Broadcast, type BroadcastRow } from './broadcast-entities.ts';
import type { Sql } from './database.ts';
import { findRow, findRows } from './rows.ts';
import { changeRows } from './statement.ts';

/** A row with its JSON read. */
export interface StoredBroadcast extends Omit<BroadcastRow, 'audience' | 'content' | 'initiated_by'> {
  audience: Audience;
  content: BroadcastContent;
  initiated_by: Initiator;
}

/** The columns were written by `insertBroadcast` alone. */
export const readBroadcast = ({ audience, content, initiated_by, ...row }: BroadcastRow): StoredBroadcast => ({
  ...row,
  audience: JSON.parse(audience) as Audience,
  content: JSON.parse(content) as BroadcastContent,
  initiated_by: initiatorSchema.parse(JSON.parse(initiated_by)),
});

/** More are not followed at once. */
const MOST_LIVE = 200;

export type NewBroadcastRow = Pick<
  StoredBroadcast,
  | 'company_id'
  | 'audience'
  | 'content'
  | 'ad_template_id'
  | 'allow_paid'
  | 'is_test'
  | 'initiated_by'
  | 'trace'
  | 'send_at'
  | 'created_at'
>;

const UNCUT = {
  status: 'scheduled',
  audience_size: null,
  last_user_id: null,
  cut_up_to: 0,
  others_cut_up_to: 0,
  chunks: 0,
  is_cut: false,
  started_at: null,
  finished_at: null,
} as const;

export async function insertBroadcast(tx: Sql, row: NewBroadcastRow): Promise<StoredBroadcast> {
  const id = await tx.insert(Broadcast, {
    ...row,
    ...UNCUT,
    audience: JSON.stringify(row.audience),
    content: JSON.stringify(row.content),
    initiated_by: JSON.stringify(row.initiated_by),
  });
  return { ...row, ...UNCUT, id };
}

export async function findBroadcast(sql: Sql, id: number): Promise<StoredBroadcast | null> {
  const row = await findRow(sql, Broadcast, { id });
  return row && readBroadcast(row);
}

/** Those that wait for their time or for their next chunks. */
export async function activeBroadcasts(sql: Sql, now: Date): Promise<StoredBroadcast[]> {
  const rows = await findRows(
    sql,
    Broadcast,
    { status: { $in: ['scheduled', 'running'] }, send_at: { $lte: now } },
    { orderBy: { id: 'asc' }, disableIdentityMap: true },
  );
  return rows.map(readBroadcast);
}

/** How many run, and how many wait for their time. */
export async function countActiveBroadcasts(sql: Sql): Promise<{ scheduled: number; running: number }> {
  const rows = await sql.execute<{ status: 'scheduled' | 'running'; count: number }[]>(
    `SELECT status, COUNT(*) AS count FROM broadcasts WHERE status IN ('scheduled', 'running') GROUP BY status`,
  );
  const counts = Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  return { scheduled: 0, running: 0, ...counts };
}

/** Those of the companies that may still change, that ended at this moment or later, or that are followed. */
export async function liveBroadcasts(
  sql: Sql,
  { companyIds, followedIds, endedSince }: LiveQuestion,
): Promise<StoredBroadcast[]> {
  const mayChange = { status: { $in: ['scheduled', 'running', 'paused'] } } as const;
  const rows = await findRows(
    sql,
    Broadcast,
    {
      company_id: { $in: [...companyIds] },
      $or: [mayChange, { finished_at: { $gte: endedSince } }, { id: { $in: [...followedIds] } }],
    },
    { orderBy: { id: 'asc' }, disableIdentityMap: true, limit: MOST_LIVE },
  );
  return rows.map(readBroadcast);
}

interface LiveQuestion {
  companyIds: readonly number[];
  followedIds: readonly number[];
  endedSince: Date;
}

/** False when it is not in the state `from` any more. */
export async function changeStatus(
  tx: Sql,
  id: number,
  { from, to, finished_at }: { from: BroadcastStatus; to: BroadcastStatus; finished_at: Date | null },
): Promise<boolean> {
  const sql = 'UPDATE broadcasts SET status = ?, finished_at = ? WHERE id = ? AND status = ?';
  return (await changeRows(tx, sql, [to, finished_at, id, from])) > 0;
}

/** Makes a scheduled broadcast run, for the audience as it stands. False when it is not scheduled any more. */
export async function startBroadcast(
  tx: Sql,
  id: number,
  start: { audience_size: number; last_user_id: number; started_at: Date },
): Promise<boolean> {
  const { audience_size, last_user_id, started_at } = start;
  const sql = `UPDATE broadcasts SET status = 'running', audience_size = ?, last_user_id = ?, is_cut = ?, started_at = ?
    WHERE id = ? AND status = 'scheduled'`;
  // In a company without users there is nothing to cut.
  return (await changeRows(tx, sql, [audience_size, last_user_id, last_user_id === 0, started_at, id])) > 0;
}

/** Ends a running broadcast of whose chunks none is left. False when it goes on. */
export async function completeBroadcast(tx: Sql, id: number, finished_at: Date): Promise<boolean> {
  const sql = `UPDATE broadcasts SET status = 'completed', finished_at = ? WHERE id = ? AND status = 'running' AND is_cut
    AND NOT EXISTS (SELECT 1 FROM broadcast_chunks c WHERE c.broadcast_id = broadcasts.id AND c.state <> 'finished')`;
  return (await changeRows(tx, sql, [finished_at, id])) > 0;
}
