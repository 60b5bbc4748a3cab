import type { Database, Sql } from './database.ts';
import { deleteCards, listOf } from './erasure.ts';
import { changeRows, placeholders } from './statement.ts';
import { dateOf, type StoredDate } from './stored-values.ts';

const PAGE = 500;

/** Takes the places of messages out of the user's rows of the log, and what the bot holds of them, many short writes one after another. */
export async function forgetChats(database: Database, userId: number): Promise<number> {
  let changed = 0;
  let after: [Date, number] = [new Date(0), 0];
  for (;;) {
    const rows = await database.survey().execute<{ id: number; finished_at: StoredDate; chat_id: number | null }[]>(
      `SELECT id, finished_at, chat_id FROM deliveries
        WHERE user_id = ? AND (finished_at, id) > (?, ?) ORDER BY finished_at, id LIMIT ?`,
      [userId, ...after, PAGE],
    );
    const placed = rows.flatMap(({ id, chat_id }) => (chat_id === null ? [] : [{ id, chat_id }]));
    if (placed.length > 0) changed += await database.write((tx) => forgetPlaces(tx, userId, placed));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return changed;
    after = [dateOf(last.finished_at), last.id];
  }
}

async function forgetPlaces(
  tx: Sql,
  userId: number,
  rows: readonly { id: number; chat_id: number }[],
): Promise<number> {
  await deleteCards(tx, userId, [...new Set(rows.map(({ chat_id }) => chat_id))]);
  const ids = rows.map(({ id }) => id);
  return await changeRows(
    tx,
    `UPDATE deliveries SET chat_id = NULL, message_id = NULL WHERE id IN (${listOf(ids)})`,
    ids,
  );
}

/**
 * In the transaction that logs deliveries: what was under way to somebody while they were erased leaves no trace of where it
 * went.
 */
export async function forgetErased(
  tx: Sql,
  rows: readonly { company_id: number; event_id: string; user_id: number; chat_id: number | null }[],
): Promise<void> {
  const sent = rows.filter(({ chat_id }) => chat_id !== null);
  if (sent.length === 0) return;
  const ids = [...new Set(sent.map(({ user_id }) => user_id))];
  const found = await tx.execute<{ id: number }[]>(
    `SELECT id FROM users WHERE erased_at IS NOT NULL AND id IN (${listOf(ids)})`,
    ids,
  );
  const erased = new Set(found.map(({ id }) => id));
  const theirs = sent.filter(({ user_id }) => erased.has(user_id));
  if (theirs.length === 0) return;
  await changeRows(
    tx,
    `UPDATE deliveries SET chat_id = NULL, message_id = NULL
      WHERE (company_id, event_id, user_id) IN (VALUES ${placeholders(theirs.length, 3)})`,
    theirs.flatMap(({ company_id, event_id, user_id }) => [company_id, event_id, user_id]),
  );
  for (const { user_id, chat_id } of theirs) await deleteCards(tx, user_id, chat_id === null ? [] : [chat_id]);
}

/** When somebody was erased last; null for never. */
export async function newestErasure(sql: Sql): Promise<Date | null> {
  const [row] = await sql.execute<{ erased_at: StoredDate }[]>(
    'SELECT erased_at FROM users WHERE erased_at IS NOT NULL ORDER BY erased_at DESC LIMIT 1',
  );
  return row ? dateOf(row.erased_at) : null;
}

/** Those who were erased since; an erasure that was cut short is finished for them. */
export async function erasedSince(sql: Sql, since: Date): Promise<number[]> {
  const rows = await sql.execute<{ id: number }[]>('SELECT id FROM users WHERE erased_at >= ? ORDER BY erased_at', [
    since,
  ]);
  return rows.map(({ id }) => id);
}
