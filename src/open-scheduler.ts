import type { Redis } from 'ioredis';
import { type BroadcastService, createBroadcastService } from './broadcast/broadcast-service.ts';
import { createBroadcaster } from './broadcast/broadcaster.ts';
import type { Config } from './config.ts';
import { createDayListScheduler } from './day-lists/day-list-scheduler.ts';
import { createBell } from './db/bell.ts';
import type { Database } from './db/database.ts';
import { createMoveReleaser } from './moves/move-releaser.ts';
import type { Logger } from './observability/log.ts';
import { createReminderScheduler } from './reminders/reminder-scheduler.ts';
import type { LeasedRounds } from './scheduled/leased-rounds.ts';
import { createWebhookSweeper } from './webhooks/webhook-sweeper.ts';

/** All that happens at its time without being asked for: the role `scheduler`. */
export interface Scheduler {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
  /** What nobody looks after, and why. */
  troubles(): { what: string; reason: string }[];
}

/** It, and what may happen to broadcasts. */
export function openScheduler(deps: {
  config: Config;
  database: Database;
  redis: Redis;
  /** Told when events were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  /** Makes the ids of events. */
  newId: () => string;
  log: Logger;
}): { broadcasts: BroadcastService; scheduler: Scheduler } {
  const { config } = deps;
  const rates = { free: config.BROADCAST_RATE_PER_SECOND, paid: config.PAID_BROADCAST_RATE_PER_SECOND };
  const bell = createBell();
  const common = { ...deps, keyPrefix: config.REDIS_KEY_PREFIX };
  const rounds: Record<string, LeasedRounds> = {
    broadcasts: createBroadcaster({ ...common, rates, bell }),
    'day-lists': createDayListScheduler({ ...common, rate: rates.free }),
    moves: createMoveReleaser(common),
    reminders: createReminderScheduler({ ...common, rate: rates.free, zoneData: process.versions.tz ?? '' }),
    webhooks: createWebhookSweeper(common),
  };
  return {
    broadcasts: createBroadcastService({ ...deps, rates, onCommitted: bell.ring }),
    scheduler: {
      start() {
        for (const one of Object.values(rounds)) one.start();
      },
      async stop() {
        await Promise.all(Object.values(rounds).map((one) => one.stop()));
      },
      troubles: () =>
        Object.entries(rounds).flatMap(([what, one]) => {
          const reason = one.trouble();
          return reason === null ? [] : [{ what, reason }];
        }),
    },
  };
}
