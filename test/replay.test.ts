import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeadLetterKeeper } from '#streams/dead-letter-keeper.ts';
import { eventually } from './support/eventually.ts';
import { add, KEYS, startPartition, testHandler } from './support/partition.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const failed = { kind: 'failed', failure: { code: 'refused', message: 'no', channel: 'carrier' } } as const;
const done = { kind: 'done', receipt: 'ok' } as const;

const keeperOf = ({ redis }: TestRedis) => createDeadLetterKeeper({ redis, keys: KEYS });

async function letters(server: TestRedis, count: number) {
  return await eventually(async () => {
    const found = await keeperOf(server).list({ after: '', count: 100 });
    assert.equal(found.length, count);
    assert.equal(await server.redis.xlen(KEYS.stream), 0);
    return found;
  });
}

test('a replay reaches the failed recipient alone, with all its attempts before it', async (t) => {
  const server = await startTestRedis(t);
  let broken = true;
  const calls: string[] = [];
  const handler = testHandler(async (attempt, event) => {
    calls.push(`${event.to[0]} ${attempt}`);
    return broken ? failed : done;
  });
  startPartition(t, server, handler);
  await add(server, { n: 1, to: ['bad', 'worse'] });
  const dead = await letters(server, 2);
  const letter = dead.find(({ recipient }) => recipient === 'bad');
  assert.equal(letter?.channel, 'carrier');
  assert.equal(letter.firstError, 'refused: no');
  assert.equal(letter.firstFailedAt !== null && letter.diedAt !== null && letter.firstFailedAt < letter.diedAt, true);

  broken = false;
  calls.length = 0;
  handler.results.length = 0;
  handler.closed.length = 0;
  assert.deepEqual(await keeperOf(server).replay([letter.id, letter.id]), [letter.id]);
  await letters(server, 1);
  assert.deepEqual(handler.results, [{ n: 1, recipient: 'bad', attempts: 1, receipt: 'ok' }]);
  assert.deepEqual(handler.closed, [1]);
  assert.equal(calls.length, 1);
  assert.deepEqual(await server.redis.keys('*:ledger'), []);
});

test('a replay that fails again dies again, as one letter with a count of its own', async (t) => {
  const server = await startTestRedis(t);
  startPartition(
    t,
    server,
    testHandler(async () => failed),
  );
  await add(server, { n: 1, to: ['a', 'b'] });
  const [first, second] = await letters(server, 2);
  await keeperOf(server).replay([first?.id ?? '']);
  await eventually(async () => {
    const again = await letters(server, 2);
    assert.equal(again[0]?.id, second?.id);
    assert.equal(again[1]?.recipient, first?.recipient);
    assert.equal(again[1]?.attempts, 3);
  });
});

test('an entry for one recipient is settled when the plan does not know them any more', async (t) => {
  const server = await startTestRedis(t);
  const handler = testHandler(async () => done);
  startPartition(t, server, handler);
  await server.redis.xadd(KEYS.stream, '*', 'event', JSON.stringify({ n: 1, to: ['a', 'b'] }), 'only', 'gone');
  await server.redis.xadd(KEYS.stream, '*', 'event', JSON.stringify({ n: 2, to: ['a', 'b'] }), 'only', '*');
  await eventually(() => assert.deepEqual(handler.closed.toSorted(), [1, 2]));
  assert.deepEqual(
    handler.results.map(({ n, recipient }) => [n, recipient]),
    [
      [2, 'a'],
      [2, 'b'],
    ],
  );
  await letters(server, 0);
});

test('a replay whose recipients cannot be resolved any more stays its recipient’s own dead letter', async (t) => {
  const server = await startTestRedis(t);
  const handler = testHandler(
    async () => done,
    ({ event }) => (event.includes('"n":1') ? failed : { kind: 'undecodable', failure: failed.failure }),
  );
  startPartition(t, server, handler);
  for (const n of [1, 2])
    await server.redis.xadd(KEYS.stream, '*', 'event', JSON.stringify({ n, to: ['a', 'b'] }), 'only', 'b');
  const dead = await letters(server, 2);
  assert.deepEqual(
    dead.map(({ recipient }) => recipient),
    ['b', 'b'],
  );
  assert.deepEqual(handler.results, []);
});
