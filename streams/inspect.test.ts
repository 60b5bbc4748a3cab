import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { startTestRedis } from '#test/support/redis.ts';
import { inspectPartition } from './inspect.ts';
import { GROUP, partitionKeys } from './keys.ts';

const keys = partitionKeys({ prefix: '', stream: 'events:p2p', partition: 0, partitions: 1 });

describe('the facts of a partition', async () => {
  const { redis } = await startTestRedis();
  beforeEach(() => redis.flushall());
  const read = (count: number) =>
    redis.xreadgroup('GROUP', GROUP, keys.consumer, 'COUNT', count, 'STREAMS', keys.stream, '>');

  test('are all zero before anything was there, and looking makes nothing', async () => {
    assert.deepEqual(await inspectPartition(redis, keys), {
      stream: 'events:p2p',
      length: 0,
      pending: 0,
      oldestPendingMs: null,
      lease: null,
      dead: 0,
      attempts: new Map(),
    });
    assert.equal(await redis.dbsize(), 0);
    await redis.xadd(keys.stream, '*', 'event', '{}');
    assert.equal((await inspectPartition(redis, keys)).length, 1, 'a stream without its group');
  });

  test('count what waits, what is pending and how often it was tried', async () => {
    await redis.xgroup('CREATE', keys.stream, GROUP, '0', 'MKSTREAM');
    const [seconds] = await redis.time();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1)
      ids.push((await redis.xadd(keys.stream, `${Number(seconds) * 1000 - 60_000}-${n + 1}`, 'event', '{}')) ?? '');
    await read(4);
    await redis.xclaim(keys.stream, GROUP, keys.consumer, 0, ids[1] ?? '', 'RETRYCOUNT', 3, 'JUSTID');
    await redis.xclaim(keys.stream, GROUP, keys.consumer, 0, ids[2] ?? '', 'RETRYCOUNT', 4_000, 'JUSTID');
    await redis.set(keys.lease, '0123456789-secret', 'PX', 4_000);
    await redis.set(keys.epoch, 7);
    await redis.xadd(keys.dead, '*', 'event', '{}');
    const { oldestPendingMs, lease, ...facts } = await inspectPartition(redis, keys);
    assert.deepEqual(facts, {
      stream: 'events:p2p',
      length: 5,
      pending: 4,
      dead: 1,
      attempts: new Map([
        [1, 2],
        [3, 1],
        [10, 1],
      ]),
    });
    assert.equal(Math.round((oldestPendingMs ?? 0) / 10_000), 6);
    assert.deepEqual([lease?.owner, lease?.epoch], ['01234567', 7]);
    assert.equal(lease !== null && lease.remainingMs > 0 && lease.remainingMs <= 4_000, true);
  });

  test('tell the attempts of no more pending entries than a bound', async () => {
    await redis.xgroup('CREATE', keys.stream, GROUP, '0', 'MKSTREAM');
    const pipeline = redis.pipeline();
    for (let n = 0; n < 10_500; n += 1) pipeline.xadd(keys.stream, '*', 'event', '{}');
    await pipeline.exec();
    await read(20_000);
    const { pending, attempts } = await inspectPartition(redis, keys);
    assert.equal(pending, 10_500);
    assert.deepEqual([...attempts], [[1, 10_000]]);
  });
});
