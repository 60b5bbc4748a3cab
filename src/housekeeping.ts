import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './db/database.ts';
import { deleteExpiredIdempotencyKeys } from './http/idempotency.ts';
import { errorCode } from './observability/error-code.ts';
import type { Logger } from './observability/log.ts';

const EVERY_MS = 3_600_000;
/** Small enough that a booking never waits behind it. */
const BATCH = 500;

/** Deletes what has outlived its use, an hour apart. */
export interface Housekeeping {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function createHousekeeping(deps: { database: Database; clock: () => Date; log: Logger }): Housekeeping {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;

  async function clean(): Promise<void> {
    while (!stopping.signal.aborted) {
      if ((await deleteExpiredIdempotencyKeys(deps.database, deps.clock(), BATCH)) < BATCH) return;
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clean().catch((error: unknown) => {
        deps.log.warn({ reason: errorCode(error) }, 'old idempotency keys were not deleted; next try in an hour');
      });
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
