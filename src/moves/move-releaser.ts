import type { Redis } from 'ioredis';
import type { Database } from '../db/database.ts';
import { nextMoveWindows } from '../db/move-windows.ts';
import type { Logger } from '../observability/log.ts';
import { createLeasedRounds, type LeasedRounds } from '../scheduled/leased-rounds.ts';
import { closeDueWindows } from './move-windows.ts';

/** Another process may open a window without telling. */
const LOOK_MS = 1_000;
/** Windows closed in one commit. */
const PAGE = 100;

/**
 * Sends the moves that waited when their windows close. One process does so at a time, by lease, which saves work: a window is closed by
 * the transaction that sends what it held.
 */
export function createMoveReleaser(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Told when moves were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): LeasedRounds {
  const { database, onCommitted, clock, log } = deps;

  /** One page; answers when to look for the next. */
  async function look(): Promise<number> {
    const windows = await nextMoveWindows(database.survey(), PAGE);
    const now = clock();
    const due = windows.filter(({ closesAt }) => closesAt <= now).map(({ booking_id }) => booking_id);
    if (due.length > 0) {
      const sent = await database.write((tx) => closeDueWindows(tx, due, now));
      if (sent.length > 0) onCommitted();
    }
    const next = windows[due.length]?.closesAt;
    if (due.length === PAGE) return 0;
    return next ? Math.min(LOOK_MS, Math.max(0, next.getTime() - clock().getTime())) : LOOK_MS;
  }

  return createLeasedRounds({
    ...{ redis: deps.redis, keyPrefix: deps.keyPrefix, name: 'moves', log },
    round: look,
  });
}
