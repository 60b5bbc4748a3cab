import type { Redis } from 'ioredis';
import type { Database } from '../db/database.ts';
import { disabledWithMessages, dueEndpoints, failMessagesOfDisabled, offerDueMessages } from '../db/webhook-calls.ts';
import type { Logger } from '../observability/log.ts';
import { createLeasedRounds, type LeasedRounds } from '../scheduled/leased-rounds.ts';

const LOOK_MS = 500;
/** Messages moved in one commit. */
const BATCH = 200;

/** Puts messages whose next attempt is due on their way again. One process does so at a time, by lease. */
export function createWebhookSweeper(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Told when messages were offered; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): LeasedRounds {
  const { database, onCommitted, clock, log } = deps;

  /** Answers whether there may be more. */
  async function look(ended: AbortSignal): Promise<boolean> {
    let more = false;
    for (const id of await disabledWithMessages(database.survey())) {
      if (ended.aborted) return false;
      const failed = await database.write((tx) => failMessagesOfDisabled(tx, id, BATCH));
      more ||= failed === BATCH;
    }
    for (const { id, company_id, room } of await dueEndpoints(database.survey(), clock())) {
      if (ended.aborted) return false;
      const most = Math.min(room, BATCH);
      const offered = await database.write((tx) => offerDueMessages(tx, { id, company_id }, { now: clock(), most }));
      if (offered > 0) onCommitted();
      more ||= offered === BATCH;
    }
    return more;
  }

  return createLeasedRounds({
    ...{ redis: deps.redis, keyPrefix: deps.keyPrefix, name: 'webhooks', log },
    round: async (ended) => ((await look(ended)) ? 0 : LOOK_MS),
  });
}
