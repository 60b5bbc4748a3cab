import { DEFAULT_QUIET_HOURS, encodeQuietHours } from '../domain/quiet-hours.ts';
import type { Sql } from './database.ts';
import { User } from './entities.ts';
import { findRow } from './rows.ts';
import { changeRows } from './statement.ts';

/** What stands where a name stood. */
const ERASED_NAME = 'deleted';

/** How many rows lost what was personal in them. */
export interface ErasedRows {
  push_subscriptions: number;
  schedules: number;
  cards: number;
  bot_updates: number;
  used_links: number;
  idempotency_answers: number;
  day_lists: number;
}

const TOMBSTONE = `UPDATE users SET name = ?, phone = NULL, tg_id = NULL, external_id = NULL, locale = 'ru', ads_opt_out = ?,
  time_zone = NULL, quiet_hours = ?, telegram_unreachable = NULL, web_push_unreachable = NULL, erased_at = ?
WHERE id = ? AND erased_at IS NULL`;

/**
 * Leaves of the user what their bookings refer to; who was erased before stays as they are. Their rows of the delivery log are
 * left to `forgetChats`, for they may be many.
 * @param told as `toldChats` answers; what comes after it meets `forgetErased`
 * @returns null when there is no such user.
 */
export async function eraseUser(
  tx: Sql,
  id: number,
  { told, now }: { told: readonly number[]; now: Date },
): Promise<{ erased_at: Date; rows: ErasedRows } | null> {
  const user = await findRow(tx, User, { id });
  if (!user) return null;
  const chats = await ownChats(tx, user, told);
  await changeRows(tx, TOMBSTONE, [ERASED_NAME, true, encodeQuietHours(DEFAULT_QUIET_HOURS), now, id]);
  await redrawCards(tx, id);
  const rows = {
    push_subscriptions: await changeRows(tx, 'DELETE FROM push_subscriptions WHERE user_id = ?', [id]),
    schedules: await changeRows(tx, 'DELETE FROM schedules WHERE user_id = ?', [id]),
    cards: await deleteCards(tx, id, chats.all),
    ...(await forgetBot(tx, chats.alone, now)),
    idempotency_answers: await forgetAnswers(tx, user),
    day_lists: await changeRows(tx, 'DELETE FROM day_lists WHERE user_id = ?', [id]),
  };
  return { erased_at: user.erased_at ?? now, rows };
}

interface Chats {
  /** Where messages for the user stand. */
  all: number[];
  /** Those that belong to no other user: one account may stand for users of several companies. */
  alone: number[];
}

/** Where the log says that messages for the user were sent. It reads all of their rows, so it is no part of a transaction. */
export async function toldChats(sql: Sql, id: number): Promise<number[]> {
  const rows = await sql.execute<{ chat_id: number }[]>(
    'SELECT DISTINCT chat_id FROM deliveries WHERE user_id = ? AND chat_id IS NOT NULL',
    [id],
  );
  return rows.map(({ chat_id }) => chat_id);
}

async function ownChats(
  tx: Sql,
  { id, tg_id }: { id: number; tg_id: number | null },
  told: readonly number[],
): Promise<Chats> {
  const all = [...new Set([...told, ...(tg_id === null ? [] : [tg_id])])];
  const shared = await tx.execute<{ tg_id: number }[]>(
    `SELECT tg_id FROM users WHERE id <> ? AND tg_id IN (${listOf(all)})`,
    [id, ...all],
  );
  const others = new Set(shared.map((row) => row.tg_id));
  return { all, alone: all.filter((chat) => !others.has(chat)) };
}

/** SQL has no empty list. */
export const listOf = (values: readonly unknown[]): string => values.map(() => '?').join(', ') || 'NULL';

/** Other people's messages about the user's bookings are drawn again, without the name. */
async function redrawCards(tx: Sql, id: number): Promise<void> {
  for (const column of ['client_id', 'specialist_id'])
    await changeRows(
      tx,
      `UPDATE cards SET stale = ? WHERE user_id <> ? AND booking_id IN (SELECT id FROM bookings WHERE ${column} = ?)`,
      [true, id, id],
    );
}

export const deleteCards = (tx: Sql, id: number, chats: readonly number[]): Promise<number> =>
  changeRows(tx, `DELETE FROM cards WHERE user_id = ? AND chat_id IN (${listOf(chats)})`, [id, ...chats]);

/** The rows stay without their content, for what was done is not to be done twice. */
async function forgetBot(tx: Sql, chats: readonly number[], now: Date) {
  const updates = `UPDATE bot_updates SET chat_id = 0, body = '', responses = '[]', done_at = COALESCE(done_at, ?)
    WHERE chat_id IN (${listOf(chats)})`;
  const links = `UPDATE used_links SET tg_id = 0 WHERE tg_id IN (${listOf(chats)})`;
  return {
    bot_updates: await changeRows(tx, updates, [now, ...chats]),
    used_links: await changeRows(tx, links, [...chats]),
  };
}

/** Between a row and the answer that tells of it lies one transaction. */
const ONE_TRANSACTION_MS = 60_000;

/** What an answer that tells of a user says of an erased one. */
const NOTHING_PERSONAL = {
  external_id: null,
  name: ERASED_NAME,
  phone: null,
  tg_id: null,
  locale: 'ru',
  ads_opt_out: true,
  time_zone: null,
  quiet_hours: DEFAULT_QUIET_HOURS,
} as const;

/**
 * The answers that Idempotency-Keys keep: to the POST that made the user, which goes on refusing to make another, without the
 * person in it; and to what they did themselves by a link.
 */
async function forgetAnswers(tx: Sql, { id, created_at }: { id: number; created_at: Date }): Promise<number> {
  const from = new Date(created_at.getTime() - ONE_TRANSACTION_MS);
  const to = new Date(created_at.getTime() + ONE_TRANSACTION_MS);
  const answers = await tx.execute<{ id: number; body: string }[]>(
    'SELECT id, body FROM idempotency_keys WHERE created_at >= ? AND created_at <= ? AND status = 201 AND body LIKE ?',
    [from, to, `{"id":${id},%"role":"%"phone":%`],
  );
  let forgotten = await changeRows(tx, 'DELETE FROM idempotency_keys WHERE scope = ?', [`user:${id}`]);
  for (const answer of answers) {
    const body = JSON.stringify({ ...(JSON.parse(answer.body) as object), ...NOTHING_PERSONAL });
    if (body === answer.body) continue;
    forgotten += await changeRows(tx, 'UPDATE idempotency_keys SET body = ? WHERE id = ?', [body, answer.id]);
  }
  return forgotten;
}
