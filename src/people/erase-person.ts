import type { Database } from '../db/database.ts';
import { forgetChats } from '../db/erased-places.ts';
import { type ErasedRows, eraseUser, toldChats } from '../db/erasure.ts';
import type { DeadLetterService } from '../dead-letters/dead-letter-service.ts';
import type { RecentErasures } from './recent-erasures.ts';

const PAGE = 200;

export interface Erasure {
  user_id: number;
  erased_at: Date;
  /** How many things lost what was personal in them, this time. */
  removed: ErasedRows & { deliveries: number; dead_letters: number };
}

/**
 * Removes what is kept of a person everywhere and keeps what is counted. From its first commit on nothing is sent to them;
 * asked again, it goes on where it broke off. Null when there is no such user.
 * @throws {StreamUnavailable} when all is done but the dead letters
 */
export type ErasePerson = (userId: number) => Promise<Erasure | null>;

export function createErasePerson(deps: {
  database: Database;
  deadLetters: DeadLetterService;
  erasures?: Pick<RecentErasures, 'noted'>;
  clock: () => Date;
}): ErasePerson {
  const { database, deadLetters, erasures, clock } = deps;

  async function discardLetters(userId: number): Promise<number> {
    const ids: string[] = [];
    for (let after: Parameters<DeadLetterService['list']>[0]['after']; ; ) {
      const { items, next } = await deadLetters.list({ limit: PAGE, after });
      ids.push(...items.filter(({ user_id }) => user_id === userId).map(({ id }) => id));
      if (next === null) break;
      after = next;
    }
    return ids.length === 0 ? 0 : (await deadLetters.handle('discard', ids)).done;
  }

  return async (userId) => {
    // Before its commit: what is logged right behind it must look.
    erasures?.noted();
    const told = await toldChats(database.survey(), userId);
    const erased = await database.write((tx) => eraseUser(tx, userId, { told, now: clock() }));
    if (!erased) return null;
    const deliveries = await forgetChats(database, userId);
    const dead_letters = await discardLetters(userId);
    return { user_id: userId, erased_at: erased.erased_at, removed: { ...erased.rows, deliveries, dead_letters } };
  };
}
