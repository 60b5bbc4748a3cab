import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import type { Database } from '../db/database.ts';
import { disabledWithMessages, dueEndpoints, failMessagesOfDisabled, offerDueMessages } from '../db/webhook-calls.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createLeaseHolder } from '../redis/lease-holder.ts';

const LOOK_MS = 500;
const ASK_AGAIN_MS = 500;
/** Messages moved in one commit. */
const BATCH = 200;

/** Puts messages whose next attempt is due on their way again. One process does so at a time, by lease. */
export interface WebhookSweeper {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function createWebhookSweeper(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Told when messages were offered; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): WebhookSweeper {
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

  const holder = createLeaseHolder({
    redis: deps.redis,
    key: `${deps.keyPrefix}webhooks:lease`,
    epochKey: `${deps.keyPrefix}webhooks:epoch`,
    askAgainMs: ASK_AGAIN_MS,
    async work(lease, stopping) {
      const link = linkedSignal(stopping, lease.lost);
      try {
        while (!link.signal.aborted) if (!(await look(link.signal))) await systemClock.sleep(LOOK_MS, link.signal);
      } finally {
        link.abort();
      }
    },
    interrupted(error, { failures, retryInMs }) {
      const say = failures === 1 ? log.warn : log.debug;
      say.call(log, { reason: errorCode(error), retryInMs }, 'webhook messages are not offered again now');
    },
    log,
  });
  return { start: holder.start, stop: holder.stop };
}
