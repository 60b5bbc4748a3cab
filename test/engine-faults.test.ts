import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { connectRedis } from '#src/redis/connection.ts';
import { eventually } from './support/eventually.ts';
import { add, KEYS, pendingCount, startPartition, type TestHandler, testHandler } from './support/partition.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const log = pino({ level: 'silent' });
const done = async () => ({ kind: 'done', receipt: 'ok' }) as const;

/** Answers of scripts that `lose` picks are dropped with the connection, after Redis has done what they say. */
function startWithLosses(
  t: TestContext,
  server: TestRedis,
  handler: TestHandler,
  lose: (args: readonly unknown[]) => boolean,
): void {
  const redis = connectRedis({ url: server.url, log });
  for (const name of ['eval', 'evalsha'] as const) {
    const run = redis[name].bind(redis) as (...args: unknown[]) => Promise<unknown>;
    (redis as unknown as Record<typeof name, typeof run>)[name] = async (...args) => {
      const answer = await run(...args);
      if (!lose(args)) return answer;
      redis.disconnect(true);
      throw new Error('Connection is closed.');
    };
  }
  startPartition(t, server, handler, { redis, backoffMs: 10 });
}

async function assertQuiet(server: TestRedis): Promise<void> {
  await eventually(async () => {
    assert.equal(await server.redis.xlen(KEYS.stream), 0);
    assert.equal(await pendingCount(server), 0);
  });
}

test('a result whose record got no answer is not lost, and nothing is sent again for it', async (t) => {
  const server = await startTestRedis(t);
  let sends = 0;
  const handler = testHandler(async () => {
    sends += 1;
    return { kind: 'done', receipt: 'ok' };
  });
  const { record } = handler;
  // Slow enough for the result to be written before the entry is settled.
  handler.record = (...args) => sleep(20).then(() => record(...args));
  let losses = 0;
  startWithLosses(t, server, handler, (args) => {
    const isResult = args.some((arg) => typeof arg === 'string' && arg.includes(',"d",'));
    if (!isResult || losses > 0) return false;
    losses += 1;
    return true;
  });
  await add(server, { n: 1, to: ['a'] });
  await assertQuiet(server);
  assert.equal(losses, 1);
  assert.equal(sends, 1);
});

test('a ledger that somebody broke costs no more than an attempt', async (t) => {
  const server = await startTestRedis(t);
  const broken = [
    '[["a",1,"d",0,"cut',
    'nonsense',
    '{"a":1}',
    '[["a",-1,"d",0],["a"],7,[7,1,"s",0]]',
    '[["a",1,"?",0]]',
    '',
  ];
  await add(server, ...broken.map((_, n) => ({ n, to: ['a', 'b'] })));
  const ids = (await server.redis.xrange(KEYS.stream, '-', '+')).map(([id]) => id);
  await server.redis.xgroup('CREATE', KEYS.stream, 'delivery', '0');
  await server.redis.xreadgroup('GROUP', 'delivery', 'owner', 'COUNT', broken.length, 'STREAMS', KEYS.stream, '>');
  for (const [n, text] of broken.entries()) await server.redis.hset(KEYS.ledger, ids[n] ?? '', text);
  const handler = testHandler(done);
  startPartition(t, server, handler);
  await eventually(() => assert.equal(handler.results.length, 2 * broken.length));
  await assertQuiet(server);
  assert.equal(await server.redis.xlen(KEYS.dead), 0);
});

test('a Redis without memory left is emptied all the same', async (t) => {
  const server = await startTestRedis(t);
  await add(server, ...Array.from({ length: 50 }, (_, n) => ({ n, to: [`r${n}`] })));
  await server.redis.config('SET', 'maxmemory-policy', 'noeviction');
  await server.redis.config('SET', 'maxmemory', '1');
  await assert.rejects(add(server, { n: 99, to: ['x'] }), /OOM/);
  const handler = testHandler(done);
  await server.redis.config('SET', 'maxmemory', '0');
  await server.redis.xgroup('CREATE', KEYS.stream, 'delivery', '0');
  await server.redis.config('SET', 'maxmemory', '1');
  startPartition(t, server, handler);
  await eventually(() => assert.equal(handler.results.length, 50));
  await assertQuiet(server);
});

test('a send that hangs when Redis is wiped holds up its own recipient only', async (t) => {
  const server = await startTestRedis(t);
  let release: () => void = () => undefined;
  const handler = testHandler(async (_attempt, event) => {
    if (event.n === 1)
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    return { kind: 'done', receipt: 'ok' };
  });
  startPartition(t, server, handler);
  await add(server, { n: 1, to: ['slow'] });
  await eventually(async () => assert.equal(await server.redis.hlen(KEYS.ledger), 1));
  await server.flush();
  const wipedAt = performance.now();
  await add(server, { n: 2, to: ['slow'] }, { n: 3, to: ['quick'] });
  await eventually(() =>
    assert.deepEqual(
      handler.results.map(({ n }) => n),
      [3],
    ),
  );
  assert.equal(performance.now() - wipedAt < 4000, true);
  await sleep(50);
  assert.deepEqual(
    handler.results.map(({ n }) => n),
    [3],
  );
  release();
  await eventually(() =>
    assert.deepEqual(
      handler.results.map(({ n }) => n),
      [3, 1, 2],
    ),
  );
});
