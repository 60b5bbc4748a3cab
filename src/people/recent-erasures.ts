import type { Database } from '../db/database.ts';
import { newestErasure } from '../db/erased-places.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createRepeated, type Repeated } from '../repeated.ts';

const LOOK_EVERY_MS = 30_000;
/** Longer than a message is between its send and the log, where the database answers. */
const LATELY_MS = 3_600_000;

/** Whether somebody was erased a short time ago: only then may a message that is being logged have gone to nobody. */
export interface RecentErasures extends Repeated {
  /** One begins in this process. Those of other processes are found within half a minute; housekeeping mends what was logged before. */
  noted(): void;
  /** True as long as it is not known. */
  isLately(): boolean;
}

export function createRecentErasures(deps: { database: Database; clock: () => Date; log: Logger }): RecentErasures {
  const { database, clock, log } = deps;
  let isKnown = false;
  let newestMs = Number.NEGATIVE_INFINITY;

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

  return {
    ...createRepeated(look, LOOK_EVERY_MS),
    noted() {
      newestMs = Math.max(newestMs, clock().getTime());
    },
    isLately: () => !isKnown || clock().getTime() - newestMs < LATELY_MS,
  };
}
