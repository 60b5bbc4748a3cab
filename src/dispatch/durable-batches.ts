import { setTimeout as sleep } from 'node:timers/promises';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { createBatcher } from '#streams/batcher.ts';
import { isDatabaseAway } from '../db/errors.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';

const MAX_BATCH = 500;

/**
 * Makes what has ended durable, many in one commit. Resolves after the commit; tries again for as long as the database is away.
 * What the database refuses is given up, for no repetition would change that. Rejects only when the process must end.
 */
export type DurableBatches<Item> = (item: Item) => Promise<void>;

/** @param deps.deadline aborts when the process must end, whether the database is back or not */
export function createDurableBatches<Item>(deps: {
  /** One transaction. */
  commit(items: Item[]): Promise<void>;
  /** What can be refused by itself. */
  piecesOf(item: Item): Item[];
  /** The database refuses this piece. */
  refused(piece: Item, error: unknown): void;
  deadline: AbortSignal;
  log: Logger;
}): DurableBatches<Item> {
  const { commit, piecesOf, refused, deadline, log } = deps;

  /** @throws what the database refuses */
  async function commitOnceThere(items: Item[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await commit(items);
      } catch (error) {
        deadline.throwIfAborted();
        if (!isDatabaseAway(error)) throw error;
        log.error({ reason: errorCode(error), results: items.length }, 'results could not be written; trying again');
        await sleep(reconnectDelayMs(tries), undefined, { signal: deadline });
      }
    }
  }

  /** One by one, so that what is refused takes nothing else with it. */
  async function commitEach(items: Item[]): Promise<void> {
    for (const piece of items.flatMap(piecesOf)) {
      try {
        await commitOnceThere([piece]);
      } catch (error) {
        deadline.throwIfAborted();
        refused(piece, error);
      }
    }
  }

  const batcher = createBatcher<Item, undefined>({
    maxSize: MAX_BATCH,
    async flush(items) {
      try {
        await commitOnceThere(items);
      } catch {
        deadline.throwIfAborted();
        await commitEach(items); // which meets the error again, at the piece that it is about
      }
      return items.map(() => undefined);
    },
  });
  return (item) => batcher.add(item);
}
