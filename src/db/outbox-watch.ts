import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { WorkStream } from '../domain/lanes.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { Bell } from './bell.ts';
import type { Database } from './database.ts';
import { newestOutboxIds } from './outbox.ts';

/** How soon a commit is seen of which no word came. */
const POLL_MS = 500;

/** Rings the bell of each share of the outbox that has new rows: one look for all shares, whoever committed. */
export interface OutboxWatch {
  start(): void;
  /** This process committed a row: its own relays look now, those of other processes are told. */
  committed(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

/**
 * @param bells one for each share of a lane, by its remainder
 * @param subscriber a connection of its own, for the word of other processes
 */
export function createOutboxWatch(options: {
  database: Database;
  redis: Redis;
  subscriber: Redis;
  channel: string;
  bells: Readonly<Record<WorkStream, readonly Bell[]>>;
  log: Logger;
}): OutboxWatch {
  const { database, redis, subscriber, channel, bells, log } = options;
  const stopping = new AbortController();
  const self = randomUUID();
  let running: Promise<void> | null = null;
  let seen = 0;
  let told = false;

  function ringAll(): void {
    for (const bell of Object.values(bells).flat()) bell.ring();
  }

  /** One word for all commits of a tick; without Redis the others' polling finds the rows. */
  function tellOthers(): void {
    if (told) return;
    told = true;
    setImmediate(() => {
      told = false;
      redis.publish(channel, self).catch(() => undefined);
    });
  }

  function subscribe(): void {
    subscriber.subscribe(channel).catch((error: unknown) => {
      log.debug({ reason: errorCode(error) }, 'not subscribed; commits of other processes are found by polling');
    });
  }

  async function look(): Promise<void> {
    const shares = { p2p: bells.p2p.length, broadcast: bells.broadcast.length, webhooks: bells.webhooks.length };
    for (const { lane, remainder, id } of await newestOutboxIds(database, { afterId: seen, shares })) {
      seen = Math.max(seen, id);
      bells[lane][remainder]?.ring();
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => {
        log.debug({ reason: errorCode(error) }, 'the outbox cannot be looked at now');
      });
      await sleep(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      subscriber.on('message', (_channel, sender) => {
        if (sender !== self) ringAll();
      });
      subscriber.on('ready', subscribe);
      if (subscriber.status === 'ready') subscribe();
      running ??= loop();
    },
    committed() {
      ringAll();
      tellOthers();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
