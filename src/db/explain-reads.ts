import type { BroadcastStatus, ChunkId } from '../domain/broadcasts.ts';
import type { RecipientRole } from '../domain/events.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import { findChunk } from './broadcast-chunks.ts';
import { findBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { booleanOf, type StoredBoolean } from './stored-values.ts';

/** A user as far as it decides what they hear. */
export interface ReaderFacts {
  company_id: number;
  role: RecipientRole;
  has_telegram: boolean;
  telegram_unreachable: string | null;
  web_push_unreachable: string | null;
  devices: number;
  ads_opt_out: boolean;
  quiet_hours: QuietHours;
  /** By which their quiet hours are. */
  time_zone: string;
  is_erased: boolean;
}

type Decoded = 'devices' | 'ads_opt_out' | 'has_telegram' | 'is_erased' | 'quiet_hours';

interface ReaderRow extends Omit<ReaderFacts, Decoded> {
  tg_id: number | null;
  ads_opt_out: StoredBoolean;
  quiet_hours: string;
  erased_at: unknown;
  devices: number | string;
}

const READER = `SELECT u.company_id, u.role, u.tg_id, u.telegram_unreachable, u.web_push_unreachable, u.ads_opt_out, u.erased_at,
  u.quiet_hours, COALESCE(u.time_zone, company.time_zone) AS time_zone,
  (SELECT COUNT(*) FROM push_subscriptions p WHERE p.user_id = u.id) AS devices
FROM users u JOIN companies company ON company.id = u.company_id WHERE u.id = ?`;

/** Null when there is no such user. */
export async function readerFacts(sql: Sql, user_id: number): Promise<ReaderFacts | null> {
  const [row] = await sql.execute<ReaderRow[]>(READER, [user_id]);
  if (!row) return null;
  const { company_id, role, tg_id, telegram_unreachable, web_push_unreachable, ads_opt_out, erased_at, devices } = row;
  return {
    ...{ company_id, role, telegram_unreachable, web_push_unreachable, time_zone: row.time_zone },
    quiet_hours: decodeQuietHours(row.quiet_hours),
    has_telegram: tg_id !== null,
    devices: Number(devices),
    ads_opt_out: booleanOf(ads_opt_out),
    is_erased: erased_at !== null,
  };
}

/** A broadcast and one of its chunks. */
export interface ChunkFacts {
  broadcast_status: string;
  is_test: boolean;
  chunk_state: string;
  members: number[];
}

const CHUNK = `SELECT b.status, b.is_test, c.state FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
WHERE c.broadcast_id = ? AND c.number = ? AND b.company_id = ?`;

/** Null when the company has no such chunk. */
export async function chunkFacts(sql: Sql, chunk: ChunkId & { company_id: number }): Promise<ChunkFacts | null> {
  const [row] = await sql.execute<{ status: string; is_test: StoredBoolean; state: string }[]>(CHUNK, [
    chunk.broadcast_id,
    chunk.chunk,
    chunk.company_id,
  ]);
  if (!row) return null;
  const members = (await findChunk(sql, chunk))?.members ?? [];
  return { broadcast_status: row.status, is_test: booleanOf(row.is_test), chunk_state: row.state, members };
}

/** A broadcast, and how far it is known whether a user is in it. */
export interface BroadcastFacts {
  status: BroadcastStatus;
  /** The user may still come into a chunk: nobody has looked at them yet, and nothing leaves them out from the start. */
  mayCome: boolean;
}

/** Null when the company has no such broadcast. */
export async function broadcastFacts(
  sql: Sql,
  { id, company_id, user_id }: { id: number; company_id: number; user_id: number },
): Promise<BroadcastFacts | null> {
  const broadcast = await findBroadcast(sql, id);
  if (broadcast?.company_id !== company_id) return null;
  const { status, is_cut, cut_up_to, others_cut_up_to, last_user_id, audience } = broadcast;
  const isPassed = is_cut || Math.min(cut_up_to, others_cut_up_to) >= user_id;
  const isLate = last_user_id !== null && user_id > last_user_id;
  const isNamed = audience.user_ids?.includes(user_id) ?? true;
  return { status, mayCome: !isPassed && !isLate && isNamed };
}

/** The number of the chunk that a user is in: people are cut into chunks in the order of their ids. Null for none. */
export async function chunkWith(
  sql: Sql,
  { broadcast_id, company_id, user_id }: { broadcast_id: number; company_id: number; user_id: number },
): Promise<number | null> {
  const rows = await sql.execute<{ number: number; user_ids: string }[]>(
    `SELECT c.number, c.user_ids FROM broadcast_chunks c JOIN broadcasts b ON b.id = c.broadcast_id
      WHERE c.broadcast_id = ? AND b.company_id = ? AND c.first_user_id <= ? AND c.last_user_id >= ? ORDER BY c.number`,
    [broadcast_id, company_id, user_id, user_id],
  );
  return rows.find(({ user_ids }) => (JSON.parse(user_ids) as number[]).includes(user_id))?.number ?? null;
}
