import type { BotUpdateRow } from './bot-entities.ts';
import type { Database, Sql } from './database.ts';
import { changeRows, placeholders } from './statement.ts';

/** An update as it came. */
export interface ReceivedUpdate {
  update_id: number;
  chat_id: number;
  /** JSON. */
  body: string;
}

/** Where an update waits. */
export type UpdatePlace = Pick<BotUpdateRow, 'id' | 'chat_id'>;

/** An update that is not done. */
export type StoredUpdate = Pick<BotUpdateRow, 'id' | 'update_id' | 'body' | 'responses'>;

const COLUMNS = ['bot_id', 'update_id', 'chat_id', 'body', 'received_at'] as const;
const STORE = (rows: number) =>
  `INSERT INTO bot_updates (${COLUMNS.join(', ')}) VALUES ${placeholders(rows, COLUMNS.length)}
  ON CONFLICT (bot_id, update_id) DO NOTHING`;
const OPEN = 'SELECT id, chat_id FROM bot_updates WHERE bot_id = ? AND done_at IS NULL AND id > ?';
const FIND = 'SELECT id, update_id, body, responses FROM bot_updates WHERE id = ? AND done_at IS NULL';
const CLAIM = "UPDATE bot_updates SET responses = '[]' WHERE id = ? AND responses IS NULL AND done_at IS NULL";
const RESPOND = 'UPDATE bot_updates SET responses = ? WHERE id = ? AND done_at IS NULL';
/** Both held what people wrote. */
const FINISH = "UPDATE bot_updates SET done_at = ?, body = '', responses = '[]' WHERE id = ? AND done_at IS NULL";

/** In this order; those that are known already are left as they are. */
export async function storeUpdates(
  tx: Sql,
  { botId, now }: { botId: number; now: Date },
  updates: readonly ReceivedUpdate[],
): Promise<void> {
  const values = updates.flatMap(({ update_id, chat_id, body }) => [botId, update_id, chat_id, body, now]);
  await changeRows(tx, STORE(updates.length), values);
}

/** Those that are not done, in the order of their arrival, of all chats or of one. */
export async function openUpdates(
  sql: Sql,
  asked: { botId: number; afterId: number; limit: number; chatId: number | undefined },
): Promise<UpdatePlace[]> {
  const { botId, afterId, limit, chatId } = asked;
  const ofChat = chatId === undefined ? '' : ' AND chat_id = ?';
  const values = [botId, afterId, ...(chatId === undefined ? [] : [chatId]), limit];
  return await sql.execute<UpdatePlace[]>(`${OPEN}${ofChat} ORDER BY id LIMIT ?`, values);
}

/** Null when it is done. */
export async function findOpenUpdate(sql: Sql, id: number): Promise<StoredUpdate | null> {
  const [row] = await sql.execute<StoredUpdate[]>(FIND, [id]);
  return row ?? null;
}

/** False when somebody has acted on it. Also a lock: who comes second waits for the first one's commit, and finds it taken. */
export async function claimUpdate(tx: Sql, id: number): Promise<boolean> {
  return (await changeRows(tx, CLAIM, [id])) > 0;
}

/** @param responses JSON */
export async function setResponses(tx: Sql, id: number, responses: string): Promise<void> {
  await changeRows(tx, RESPOND, [responses, id]);
}

export async function finishUpdate(tx: Sql, id: number, now: Date): Promise<void> {
  await changeRows(tx, FINISH, [now, id]);
}

/** Deletes up to `limit` updates that were done before `before`; answers how many there were. */
export const deleteDoneUpdates = (database: Database, before: Date, limit: number): Promise<number> =>
  database.write((tx) =>
    changeRows(
      tx,
      `DELETE FROM bot_updates WHERE id IN (
        SELECT id FROM bot_updates WHERE done_at IS NOT NULL AND done_at < ? ORDER BY done_at LIMIT ?
      )`,
      [before, limit],
    ),
  );

/** As `deleteDoneUpdates`, of those that nobody will handle: their bot has another token now. */
export const deleteAbandonedUpdates = (database: Database, before: Date, limit: number): Promise<number> =>
  database.write((tx) =>
    changeRows(
      tx,
      `DELETE FROM bot_updates WHERE id IN (
        SELECT id FROM bot_updates WHERE done_at IS NULL AND received_at < ? ORDER BY bot_id, id LIMIT ?
      )`,
      [before, limit],
    ),
  );
