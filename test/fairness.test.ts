import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { add, KEYS, startPartition, testHandler } from './support/partition.ts';
import { startTestRedis } from './support/redis.ts';

const failure = { code: 'busy', message: 'later' };

test('thousands of entries of one tenant do not delay the first of another', async (t) => {
  const server = await startTestRedis(t);
  const release: (() => void)[] = [];
  const handler = testHandler(async (_attempt, event) => {
    if (event.tenant === 'big') await new Promise<void>((resolve) => release.push(resolve));
    return { kind: 'done', receipt: 'ok' };
  });
  startPartition(t, server, handler);
  const pipeline = server.redis.pipeline();
  const big = Array.from({ length: 8000 }, (_, n) => ({ n, to: [`big${n % 2000}`], tenant: 'big' }));
  for (const event of [...big, { n: -1, to: ['small'], tenant: 'small' }])
    pipeline.xadd(KEYS.stream, '*', 'event', JSON.stringify(event));
  await pipeline.exec();
  await eventually(() => assert.equal(handler.results.length, 1));
  assert.equal(handler.results[0]?.recipient, 'small');

  // The big tenant goes on in order, and is served whole.
  const pump = setInterval(() => {
    for (const next of release.splice(0)) next();
  }, 1);
  t.after(() => clearInterval(pump));
  await eventually(() => assert.equal(handler.results.length, 8001), 30_000);
  for (const recipient of ['big0', 'big1999']) {
    const order = handler.results.filter((result) => result.recipient === recipient).map(({ n }) => n);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.equal(order.length, 4);
  }
  await eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 0));
});

test('a recipient who must wait for an hour keeps nobody out, however much is queued for them', async (t) => {
  const server = await startTestRedis(t);
  const handler = testHandler(async (_attempt, event) =>
    event.to[0] === 'blocked' ? { kind: 'deferred', failure, delayMs: 3_600_000 } : { kind: 'done', receipt: 'ok' },
  );
  startPartition(t, server, handler);
  const pipeline = server.redis.pipeline();
  for (let n = 0; n < 3000; n += 1)
    pipeline.xadd(KEYS.stream, '*', 'event', JSON.stringify({ n, to: ['blocked'], tenant: 'same' }));
  await pipeline.exec();
  await add(server, { n: 5000, to: ['free'], tenant: 'same' });
  await eventually(() =>
    assert.deepEqual(
      handler.results.map(({ n }) => n),
      [5000],
    ),
  );
});
