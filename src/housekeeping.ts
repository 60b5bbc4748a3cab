import { deleteAbandonedUpdates, deleteDoneUpdates } from './db/bot-updates.ts';
import { deleteCardsSentBefore } from './db/cards.ts';
import type { Database } from './db/database.ts';
import { deleteOldDayLists } from './db/day-lists.ts';
import { retireDeliveries } from './db/delivery-retention.ts';
import { erasedSince, forgetChats } from './db/erased-places.ts';
import { deleteOldReminders } from './db/reminder-records.ts';
import { deleteExpiredLinks } from './db/used-links.ts';
import { clearDeletedEndpoints } from './db/webhook-endpoints.ts';
import { deleteMessagesBefore } from './db/webhook-log.ts';
import { deleteExpiredIdempotencyKeys } from './http/idempotency.ts';
import { errorCode } from './observability/error-code.ts';
import type { Logger } from './observability/log.ts';
import { createRepeated, type Repeated } from './repeated.ts';

const EVERY_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Longer than any message is under way. */
const ERASURES_LOOKED_AT_MS = 7 * DAY_MS;
/** Small enough that a booking never waits behind it. */
export const HOUSEKEEPING_BATCH = 500;

/** Telegram gives an update again for 24 h at most (Bot API, getUpdates). */
const UPDATES_TTL_MS = 48 * 3_600_000;
/** Whoever still waits for an answer then does so in vain. */
const ABANDONED_TTL_MS = 30 * 24 * 3_600_000;
/** The bot forgets its cards after two days; these are left where none runs. */
const CARDS_TTL_MS = 7 * 24 * 3_600_000;

/** Deletes up to `limit` rows that are of no use any more; answers how many there were. */
type DeleteSome = (database: Database, now: Date, limit: number) => Promise<number>;

const OUTLIVED: Readonly<Record<string, DeleteSome>> = {
  'idempotency keys': deleteExpiredIdempotencyKeys,
  'bot updates': (database, now, limit) => deleteDoneUpdates(database, new Date(now.getTime() - UPDATES_TTL_MS), limit),
  'abandoned updates': (database, now, limit) =>
    deleteAbandonedUpdates(database, new Date(now.getTime() - ABANDONED_TTL_MS), limit),
  'used links': deleteExpiredLinks,
  'deleted webhook endpoints': (database, _, limit) => clearDeletedEndpoints(database, limit),
  cards: (database, now, limit) => deleteCardsSentBefore(database, new Date(now.getTime() - CARDS_TTL_MS), limit),
};

/** Deletes what has outlived its use, an hour apart. */
/** @param deps.deliveryLogDays the log keeps what ended so many days ago; 0 keeps everything */
export function createHousekeeping(deps: {
  database: Database;
  deliveryLogDays: number;
  clock: () => Date;
  log: Logger;
}): Repeated {
  async function clean(deleteSome: DeleteSome, stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      if ((await deleteSome(deps.database, deps.clock(), HOUSEKEEPING_BATCH)) < HOUSEKEEPING_BATCH) return;
    }
  }

  async function retireLog(stopping: AbortSignal): Promise<void> {
    const { database, deliveryLogDays, clock } = deps;
    if (deliveryLogDays === 0) return;
    const before = new Date(clock().getTime() - deliveryLogDays * DAY_MS);
    let after: Awaited<ReturnType<typeof retireDeliveries>> | undefined;
    do after = await retireDeliveries(database, { before, after: after ?? undefined, limit: HOUSEKEEPING_BATCH });
    while (after && !stopping.aborted);
  }

  /** What is kept as long as the log. */
  async function deleteWithLog(deleteBefore: typeof deleteMessagesBefore, stopping: AbortSignal): Promise<void> {
    const { deliveryLogDays } = deps;
    if (deliveryLogDays === 0) return;
    await clean(
      (database, now, limit) => deleteBefore(database, new Date(now.getTime() - deliveryLogDays * DAY_MS), limit),
      stopping,
    );
  }

  /** Of those whose erasure was cut short, or met something on its way. */
  async function finishErasures(stopping: AbortSignal): Promise<void> {
    const since = new Date(deps.clock().getTime() - ERASURES_LOOKED_AT_MS);
    for (const id of await erasedSince(deps.database.read(), since)) {
      if (stopping.aborted) return;
      await forgetChats(deps.database, id);
    }
  }

  type Chore = [what: string, work: (stopping: AbortSignal) => Promise<void>];
  const chores: Chore[] = [
    ...Object.entries(OUTLIVED).map(([what, deleteSome]): Chore => [what, (stopping) => clean(deleteSome, stopping)]),
    ['delivery log', retireLog],
    ['webhook messages', (stopping) => deleteWithLog(deleteMessagesBefore, stopping)],
    ['day lists', (stopping) => deleteWithLog(deleteOldDayLists, stopping)],
    ['reminders', (stopping) => deleteWithLog(deleteOldReminders, stopping)],
    ['erased people', finishErasures],
  ];

  async function doChores(stopping: AbortSignal): Promise<void> {
    for (const [what, work] of chores)
      await work(stopping).catch((error: unknown) => {
        deps.log.warn({ what, reason: errorCode(error) }, 'what is old was not deleted; next try in an hour');
      });
  }

  return createRepeated(doChores, EVERY_MS);
}
