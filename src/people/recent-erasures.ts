import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import { newestErasure } from '../db/erased-places.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';

const LOOK_EVERY_MS = 30_000;
/** Longer than a message is between its send and the log, where the database answers. */
const LATELY_MS = 3_600_000;

/** Whether somebody was erased a short time ago: only then may a message that is being logged have gone to nobody. */
export interface RecentErasures {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
  /** One begins in this process. Those of other processes are found within half a minute; housekeeping mends what was logged before. */
  noted(): void;
  /** True as long as it is not known. */
  isLately(): boolean;
}

export function createRecentErasures(deps: { database: Database; clock: () => Date; log: Logger }): RecentErasures {
  const { database, clock, log } = deps;
  const stopping = new AbortController();
  let isKnown = false;
  let newestMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function look(): Promise<void> {
    try {
      const newest = await newestErasure(database.read());
      newestMs = Math.max(newestMs, newest?.getTime() ?? newestMs);
      isKnown = true;
    } catch (error) {
      isKnown = false;
      log.debug({ reason: errorCode(error) }, 'it is not known who was erased lately');
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
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
    noted() {
      newestMs = Math.max(newestMs, clock().getTime());
    },
    isLately: () => !isKnown || clock().getTime() - newestMs < LATELY_MS,
  };
}
