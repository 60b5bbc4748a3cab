import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Redis } from 'ioredis';
import type { Partition } from '#actors/partition.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS, type PartitionSetup, pendingCount, startPartition } from '../support/partition.ts';
import type { TestRedis } from '../support/redis.ts';
import { createScriptedHandler, type ScriptedEvent, type Send } from '../support/scripted-handler.ts';
import type { Journal } from './journal.ts';

/** An owner in this process whose deeds go into the journal; stopped with the test. */
export function startOwner(
  t: TestContext,
  server: TestRedis,
  journal: Pick<Journal, 'note'> & Partial<Pick<Journal, 'logged'>>,
  { by = 'owner', send, ...setup }: PartitionSetup & { by?: string; send?: Send } = {},
): Partition {
  const { note, logged } = journal;
  const handler = createScriptedHandler({ by, note, ...(logged && { logged }), ...(send && { send }) });
  return startPartition(t, server, handler, setup);
}

/** In their order, after all that is in the stream. */
export async function addEvents(server: TestRedis, events: readonly ScriptedEvent[]): Promise<void> {
  const pipeline = server.redis.pipeline();
  for (const event of events) pipeline.xadd(KEYS.stream, '*', 'event', JSON.stringify(event));
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

/** As many events as `count`, with numbers from `from` on. */
export const eventsOf = (count: number, from: number, event: (n: number) => Omit<ScriptedEvent, 'n'>) =>
  Array.from({ length: count }, (_, index): ScriptedEvent => ({ n: from + index, ...event(from + index) }));

/** The kill of a holder ends its lease only after five seconds; a test that measures something else need not wait. */
export async function endLease(server: TestRedis): Promise<void> {
  await server.redis.del(KEYS.lease);
}

/** A connection on which some scripts run, and their answers are lost with it. */
export function connectLossy(server: TestRedis, isLost: (args: readonly unknown[]) => boolean): Redis {
  const redis = connectRedis({ url: server.url, log: createLog('silent') });
  const run = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>;
  const losing = async (...args: unknown[]) => {
    const answer = await run(...args);
    if (!isLost(args)) return answer;
    redis.disconnect(true);
    throw new Error('Connection is closed.');
  };
  Reflect.set(redis, 'evalsha', losing);
  Reflect.set(redis, 'eval', async (script: string, ...args: unknown[]) => {
    const sha = await server.redis.script('LOAD', script);
    return await losing(sha, ...args);
  });
  return redis;
}

/** The letters in the dead stream, as name and value. */
export async function deadLetters(server: TestRedis): Promise<Record<string, string>[]> {
  const letters = await server.redis.xrange(KEYS.dead, '-', '+');
  return letters.map(([, flat]) =>
    Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]])),
  );
}

/** What stays when nothing is under way. */
const LASTING = new Set([KEYS.stream, KEYS.dead, KEYS.lease, KEYS.epoch, KEYS.relayLease]);

/** Waits until nothing is in the stream, and nothing is left of what was. */
export async function untilQuiet(server: TestRedis, deadlineMs = 10_000): Promise<void> {
  await eventually(async () => {
    const { redis } = server;
    assert.equal(await redis.xlen(KEYS.stream), 0);
    assert.equal(await pendingCount(server), 0);
    const left = (await redis.keys('*')).filter((key) => !LASTING.has(key));
    assert.deepEqual(left, []);
  }, deadlineMs);
}

const MANY_AT_ONCE = 10_000;

/** @param event JSON of each, `%d` standing for its number; the numbers go on from `from` */
export async function addMany(server: TestRedis, from: number, count: number, event: string): Promise<void> {
  const lua = `
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call('XADD', KEYS[1], '*', 'event', (string.gsub(ARGV[3], '%%d', n)))
end`;
  for (let n = from; n < from + count; n += MANY_AT_ONCE)
    await server.redis.eval(lua, 1, KEYS.stream, n, Math.min(n + MANY_AT_ONCE, from + count) - 1, event);
}
