import type { TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Delivery, EntryHandler, Plan, RecipientResult } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import { createPartition, type Partition } from '#actors/partition.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { type Clock, systemClock } from '#streams/clock.ts';
import type { StreamEntry } from '#streams/entry.ts';
import { GROUP, type PartitionKeys, partitionKeys } from '#streams/keys.ts';
import type { TestRedis } from './redis.ts';

export const KEYS: PartitionKeys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });

const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });

/** What a test's recipient does at each attempt. */
export type Script = (attempt: number, event: TestEvent, signal: AbortSignal) => Promise<Outcome<string>>;

export interface TestEvent {
  n: number;
  to: string[];
  tenant?: string;
}

export interface TestHandler extends EntryHandler<string> {
  results: { n: number; recipient: string; attempts: number; receipt: string }[];
  /** One entry's `last` call each. */
  closed: number[];
}

/** Delivers `{n, to}` events; every recipient follows the script. */
export function testHandler(script: Script, planOverride?: (entry: StreamEntry) => Plan<string> | null): TestHandler {
  const results: TestHandler['results'] = [];
  const closed: number[] = [];
  return {
    results,
    closed,
    tenantOf: (entry) => /"tenant":"(\w+)"/.exec(entry.event)?.[1] ?? '',
    async plan(entry) {
      const override = planOverride?.(entry);
      if (override) return override;
      const event = JSON.parse(entry.event) as TestEvent;
      const deliveries = event.to.map(
        (recipient): Delivery<string> => ({
          recipient,
          deliver: ({ number, signal }) => script(number, event, signal),
          dead: (failure) => `dead ${failure.code}`,
        }),
      );
      return { kind: 'deliver', deliveries, concluded: [] };
    },
    async record(entry: StreamEntry, finished: RecipientResult<string>[], last: boolean) {
      const n = (JSON.parse(entry.event || '{"n":-1}') as TestEvent).n;
      for (const result of finished) results.push({ n, ...result });
      if (last) closed.push(n);
    },
    readReceipt: (json) => String(json),
  };
}

export interface PartitionSetup {
  /** The owner's connection, when the test needs a say in it. */
  redis?: Redis;
  backoffMs?: number;
  clock?: Clock;
  /** How long sends under way may take at the end of the test. */
  stopMs?: number;
}

/** A partition's owner on the test's Redis, stopped with the test. */
export function startPartition(
  t: TestContext,
  server: TestRedis,
  handler: EntryHandler<string>,
  {
    redis = connectRedis({ url: server.url, log }),
    backoffMs = 20,
    clock = systemClock,
    stopMs = 500,
  }: PartitionSetup = {},
): Partition {
  const partition = createPartition({
    redis,
    connectBlocking: () => connectRedis({ url: server.url, log }),
    keys: KEYS,
    handler,
    maxDeliveries: 3,
    backoff: () => backoffMs,
    clock,
    fearless: true,
    log,
  });
  partition.start();
  t.after(async () => {
    await partition.stop(AbortSignal.timeout(stopMs));
    redis.disconnect();
  });
  return partition;
}

export async function add(server: TestRedis, ...events: TestEvent[]): Promise<void> {
  for (const event of events) await server.redis.xadd(KEYS.stream, '*', 'event', JSON.stringify(event));
}

export async function pendingCount(server: TestRedis): Promise<number> {
  const summary = (await server.redis.xpending(KEYS.stream, GROUP)) as [number];
  return summary[0];
}
