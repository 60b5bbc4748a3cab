import type { Redis } from 'ioredis';
import { type BroadcastService, createBroadcastService } from './broadcast/broadcast-service.ts';
import { type Broadcaster, createBroadcaster } from './broadcast/broadcaster.ts';
import type { Config } from './config.ts';
import { createBell } from './db/bell.ts';
import type { Database } from './db/database.ts';
import type { Logger } from './observability/log.ts';

/** What may happen to broadcasts, and who sends them on their way. */
export function openBroadcasts(deps: {
  config: Config;
  database: Database;
  redis: Redis;
  /** Told when chunks were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): { broadcasts: BroadcastService; broadcaster: Broadcaster } {
  const { config } = deps;
  const rates = { free: config.BROADCAST_RATE_PER_SECOND, paid: config.PAID_BROADCAST_RATE_PER_SECOND };
  const bell = createBell();
  return {
    broadcasts: createBroadcastService({ ...deps, rates, onCommitted: bell.ring }),
    broadcaster: createBroadcaster({ ...deps, keyPrefix: config.REDIS_KEY_PREFIX, rates, bell }),
  };
}
