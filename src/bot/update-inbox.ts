import { z } from 'zod';
import {
  claimUpdate,
  findOpenUpdate,
  finishUpdate,
  openUpdates,
  type ReceivedUpdate,
  setResponses,
  storeUpdates,
  type UpdatePlace,
} from '../db/bot-updates.ts';
import { markNotificationStale } from '../db/cards.ts';
import type { Database, Sql } from '../db/database.ts';
import { type BotResponse, botResponseSchema } from './bot-response.ts';

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

const storedResponses = z.array(botResponseSchema);
const responsesOf = (stored: string | null): BotResponse[] | null =>
  stored === null ? null : storedResponses.parse(JSON.parse(stored));

export function createUpdateInbox(deps: { database: Database; botId: number; clock: () => Date }): UpdateInbox {
  const { database, botId, clock } = deps;

  async function findOpen(sql: Sql, id: number): Promise<OpenUpdate | null> {
    const row = await findOpenUpdate(sql, id);
    return row && { ...row, responses: responsesOf(row.responses) };
  }

  return {
    async store(updates) {
      if (updates.length > 0) await database.write((tx) => storeUpdates(tx, { botId, now: clock() }, updates));
    },
    open: (afterId, limit, chatId) => openUpdates(database.read(), { botId, afterId, limit, chatId }),
    find: (id) => findOpen(database.read(), id),
    decide: (id, act) =>
      database.write(async (tx) => {
        if (!(await claimUpdate(tx, id))) return (await findOpen(tx, id))?.responses ?? [];
        const responses = storedResponses.parse(await act(tx));
        if (responses.length > 0) await setResponses(tx, id, JSON.stringify(responses));
        return responses;
      }),
    async keep(id, left) {
      await database.write((tx) => setResponses(tx, id, JSON.stringify(left)));
    },
    async finish(id, late = []) {
      await database.write(async (tx) => {
        for (const response of late) if (response.kind === 'edit') await markNotificationStale(tx, response);
        await finishUpdate(tx, id, clock());
      });
    },
  };
}
