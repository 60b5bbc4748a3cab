import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestRedis } from '#test/support/redis.ts';
import { lanePartitions } from '../dispatch/lanes.ts';
import { connectRedis } from '../redis/connection.ts';
import { inspectLanes } from './lane-facts.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';

const log = createLog('silent');

async function open(t: TestContext) {
  const server = await startTestRedis(t);
  const redis = connectRedis({ url: server.url, log, offlineQueue: false });
  t.after(() => redis.disconnect());
  await new Promise((resolve) => redis.once('ready', resolve));
  const partitions = lanePartitions({ prefix: '', p2pPartitions: 1 });
  const metrics = createMetrics({
    inspect: () => inspectLanes(redis, partitions),
    isOwned: (lane) => lane === 'p2p',
    log,
    deadlineMs: 200,
  });
  return { server, metrics };
}

/** The samples by name and labels. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

describe('metrics', () => {
  test('tell the facts of every partition, and of the process', async (t) => {
    const { server, metrics } = await open(t);
    const { redis } = server;
    await redis.xgroup('CREATE', 'events:p2p', 'delivery', '0', 'MKSTREAM');
    for (let n = 0; n < 3; n += 1) await redis.xadd('events:p2p', '*', 'event', '{}');
    await redis.xreadgroup('GROUP', 'delivery', 'owner', 'COUNT', 2, 'STREAMS', 'events:p2p', '>');
    await redis.xadd('events:broadcast:dead', '*', 'event', '{}');
    await redis.set('events:p2p:lease', 'token', 'PX', 5_000);
    await sleep(5);
    const { text, contentType } = await metrics.scrape();
    assert.match(contentType, /^text\/plain; version=0\.0\.4/);
    const of = samples(text);
    const p2p = '{stream="p2p",partition="0"}';
    const broadcast = '{stream="broadcast",partition="0"}';
    for (const [name, expected] of [
      ['vestnik_redis_up', 1],
      [`vestnik_stream_length${p2p}`, 3],
      [`vestnik_stream_pending${p2p}`, 2],
      ['vestnik_stream_pending_attempts{stream="p2p",partition="0",attempts="1"}', 2],
      [`vestnik_dead_letters${p2p}`, 0],
      [`vestnik_lease_held${p2p}`, 1],
      [`vestnik_stream_length${broadcast}`, 0],
      [`vestnik_stream_oldest_pending_seconds${broadcast}`, 0],
      [`vestnik_dead_letters${broadcast}`, 1],
      [`vestnik_lease_held${broadcast}`, 0],
      [`vestnik_lease_remaining_seconds${broadcast}`, 0],
    ] as const)
      assert.equal(of.get(name), expected, name);
    assert.equal((of.get(`vestnik_stream_oldest_pending_seconds${p2p}`) ?? 0) > 0, true);
    assert.equal((of.get(`vestnik_lease_remaining_seconds${p2p}`) ?? 0) > 4, true);
    assert.equal((of.get('process_resident_memory_bytes') ?? 0) > 1e6, true);
  });

  test('answer without the streams, in time, while Redis hangs or is away, and show no old figures', async (t) => {
    const { server, metrics } = await open(t);
    const { redis } = server;
    await redis.xadd('events:p2p:dead', '*', 'event', '{}');
    assert.equal(samples((await metrics.scrape()).text).get('vestnik_redis_up'), 1);
    const assertAway = async () => {
      const began = performance.now();
      const { text } = await metrics.scrape();
      assert.equal(performance.now() - began < 1_500, true);
      assert.equal(samples(text).get('vestnik_redis_up'), 0);
      assert.doesNotMatch(text, /^vestnik_dead_letters\{/m);
      assert.match(text, /^process_resident_memory_bytes /m);
    };
    process.kill(server.pid(), 'SIGSTOP');
    await assertAway();
    await server.kill();
    await assertAway();
    await server.start();
    await redis.ping();
    for (let tries = 0; tries < 100; tries += 1) {
      if (samples((await metrics.scrape()).text).get('vestnik_redis_up') === 1) return;
      await sleep(50);
    }
    assert.fail('the metrics did not come back');
  });

  test('scrapes at the same time share one look', async () => {
    let looks = 0;
    const metrics = createMetrics({
      async inspect() {
        looks += 1;
        await sleep(20);
        return [];
      },
      log,
    });
    const [first, second] = await Promise.all([metrics.scrape(), metrics.scrape()]);
    assert.equal(looks, 1);
    assert.equal(first.text, second.text);
    await metrics.scrape();
    assert.equal(looks, 2);
  });
});
