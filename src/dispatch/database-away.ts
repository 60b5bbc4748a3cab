import { isDatabaseAway } from '../db/errors.ts';

/** How soon it is tried again while the database is away. */
const RETRY_MS = 1000;

/** An outcome as well as a plan: nothing was sent, and the event is not to blame. */
export const DATABASE_AWAY = Object.freeze({
  kind: 'deferred',
  failure: { code: 'database_away', message: 'the database does not answer' },
  delayMs: RETRY_MS,
} as const);

/** What `work` answers, or `DATABASE_AWAY`. It may run again, so it must not send. Throws what is no outage. */
export async function unlessDatabaseAway<T>(work: () => Promise<T>): Promise<T | typeof DATABASE_AWAY> {
  try {
    return await work();
  } catch (error) {
    if (isDatabaseAway(error)) return DATABASE_AWAY;
    throw error;
  }
}
