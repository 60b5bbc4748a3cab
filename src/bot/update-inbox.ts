import { z } from 'zod';
import { markNotificationStale } from '../db/cards.ts';
import type { Database, Sql } from '../db/database.ts';
import type { BotUpdateRow } from '../db/entities.ts';
import { changeRows, placeholders } from '../db/statement.ts';
import { type BotResponse, botResponseSchema } from './bot-response.ts';

/** An update as it came. */
export interface ReceivedUpdate {
  update_id: number;
  chat_id: number;
  /** JSON. */
  body: string;
}

/** Where an update waits. */
export type UpdatePlace = Pick<BotUpdateRow, 'id' | 'chat_id'>;

/** An update that is not done. `responses` is null while nobody has acted on it. */
export interface OpenUpdate {
  id: number;
  update_id: number;
  body: string;
  responses: BotResponse[] | null;
}

/**
 * The bot's updates from their arrival until they are answered. All but `decide` may be repeated; every method rejects with
 * the database's own errors.
 */
export interface UpdateInbox {
  /** In this order; those that are known already are left as they are. */
  store(updates: readonly ReceivedUpdate[]): Promise<void>;
  /** Updates that are not done, in the order of their arrival, those after `afterId`; of all chats or of one. */
  open(afterId: number, limit: number, chatId?: number): Promise<UpdatePlace[]>;
  /** Null when it is done. */
  find(id: number): Promise<OpenUpdate | null>;
  /**
   * Acts on the update and writes down what is to be shown, in one transaction. When that has been done before, by whomever,
   * `act` is not called; answers what is left to show. Rejects, too, when `act` gives what cannot be shown.
   */
  decide(id: number, act: (tx: Sql) => Promise<BotResponse[]>): Promise<BotResponse[]>;
  /** What is left to show, after a part of it was shown. */
  keep(id: number, left: readonly BotResponse[]): Promise<void>;
  /**
   * @param late what was shown by another holding than decided it: its edits may have covered newer ones, so their messages
   *   are edited once more
   */
  finish(id: number, late?: readonly BotResponse[]): Promise<void>;
}

const COLUMNS = ['bot_id', 'update_id', 'chat_id', 'body', 'received_at'] as const;
const STORE = (rows: number) =>
  `INSERT INTO bot_updates (${COLUMNS.join(', ')}) VALUES ${placeholders(rows, COLUMNS.length)}
  ON CONFLICT (bot_id, update_id) DO NOTHING`;
const OPEN = 'SELECT id, chat_id FROM bot_updates WHERE bot_id = ? AND done_at IS NULL AND id > ?';
const FIND = 'SELECT id, update_id, body, responses FROM bot_updates WHERE id = ? AND done_at IS NULL';
/** Also a lock: who comes second waits for the first one's commit, and finds the update taken. */
const CLAIM = "UPDATE bot_updates SET responses = '[]' WHERE id = ? AND responses IS NULL AND done_at IS NULL";
const RESPOND = 'UPDATE bot_updates SET responses = ? WHERE id = ? AND done_at IS NULL';
/** Both held what people wrote. */
const FINISH = "UPDATE bot_updates SET done_at = ?, body = '', responses = '[]' WHERE id = ? AND done_at IS NULL";

const storedResponses = z.array(botResponseSchema);
const responsesOf = (stored: string | null): BotResponse[] | null =>
  stored === null ? null : storedResponses.parse(JSON.parse(stored));

type StoredUpdate = Pick<BotUpdateRow, 'id' | 'update_id' | 'body' | 'responses'>;

export function createUpdateInbox(deps: { database: Database; botId: number; clock: () => Date }): UpdateInbox {
  const { database, botId, clock } = deps;

  async function findOpen(sql: Sql, id: number): Promise<OpenUpdate | null> {
    const [row] = await sql.execute<StoredUpdate[]>(FIND, [id]);
    if (!row) return null;
    return { ...row, responses: responsesOf(row.responses) };
  }

  return {
    async store(updates) {
      if (updates.length === 0) return;
      const received_at = clock();
      const values = updates.flatMap(({ update_id, chat_id, body }) => [botId, update_id, chat_id, body, received_at]);
      await database.write((tx) => changeRows(tx, STORE(updates.length), values));
    },
    open(afterId, limit, chatId) {
      const ofChat = chatId === undefined ? '' : ' AND chat_id = ?';
      const values = [botId, afterId, ...(chatId === undefined ? [] : [chatId]), limit];
      return database.read().execute<UpdatePlace[]>(`${OPEN}${ofChat} ORDER BY id LIMIT ?`, values);
    },
    find: (id) => findOpen(database.read(), id),
    decide: (id, act) =>
      database.write(async (tx) => {
        if ((await changeRows(tx, CLAIM, [id])) === 0) return (await findOpen(tx, id))?.responses ?? [];
        const responses = storedResponses.parse(await act(tx));
        if (responses.length > 0) await changeRows(tx, RESPOND, [JSON.stringify(responses), id]);
        return responses;
      }),
    async keep(id, left) {
      await database.write((tx) => changeRows(tx, RESPOND, [JSON.stringify(left), id]));
    },
    async finish(id, late = []) {
      await database.write(async (tx) => {
        for (const response of late) if (response.kind === 'edit') await markNotificationStale(tx, response);
        await changeRows(tx, FINISH, [clock(), id]);
      });
    },
  };
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

/** Deletes up to `limit` spent links that would have expired by now; answers how many there were. */
export const deleteExpiredLinks = (database: Database, now: Date, limit: number): Promise<number> =>
  database.write((tx) =>
    changeRows(
      tx,
      'DELETE FROM used_links WHERE id IN (SELECT id FROM used_links WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
      [now, limit],
    ),
  );
