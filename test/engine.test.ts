import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeRecords, encodeRecords } from '#streams/entry.ts';
import { GROUP } from '#streams/keys.ts';
import { eventually } from './support/eventually.ts';
import { add, KEYS, pendingCount, startPartition, testHandler } from './support/partition.ts';
import { startTestRedis } from './support/redis.ts';

const done = async () => ({ kind: 'done', receipt: 'ok' }) as const;
const failure = { code: 'refused', message: 'no' };

async function assertQuiet(server: Awaited<ReturnType<typeof startTestRedis>>): Promise<void> {
  await eventually(async () => {
    assert.equal(await server.redis.xlen(KEYS.stream), 0);
    assert.equal(await pendingCount(server), 0);
    assert.equal(await server.redis.exists(KEYS.ledger, KEYS.planning), 0);
    assert.deepEqual(await server.redis.keys(`${KEYS.markerPrefix}*`), []);
  });
}

test('delivers every entry to every recipient once, in order, and leaves nothing behind', async (t) => {
  const server = await startTestRedis(t);
  const handler = testHandler(done);
  startPartition(t, server, handler);
  const events = Array.from({ length: 1200 }, (_, n) => ({ n, to: [`a${n % 7}`, 'b'] }));
  await add(server, ...events);
  await eventually(() => assert.equal(handler.results.length, 2400), 20_000);
  await assertQuiet(server);
  const ofB = handler.results.filter(({ recipient }) => recipient === 'b').map(({ n }) => n);
  assert.deepEqual(
    ofB,
    events.map(({ n }) => n),
  );
  assert.ok(handler.results.every(({ attempts, receipt }) => attempts === 1 && receipt === 'ok'));
  assert.equal(handler.closed.length, 1200);
});

test('tries a failing recipient three times, buries it once, and holds nobody else up', async (t) => {
  const server = await startTestRedis(t);
  const handler = testHandler(async (_attempt, event) =>
    event.n === 1 ? { kind: 'failed', failure } : { kind: 'done', receipt: 'ok' },
  );
  startPartition(t, server, handler, { backoffMs: 600 });
  await add(server, { n: 1, to: ['bad'] }, { n: 2, to: ['bad', 'good'] });
  await eventually(() => assert.equal(handler.results[0]?.recipient, 'good'));
  await eventually(async () => {
    const [item] = (await server.redis.xpending(KEYS.stream, GROUP, '-', '+', 1)) as [[string, string, number, number]];
    assert.equal(item[3], 2, 'the pending list shows the second attempt');
  });
  await assertQuiet(server);
  assert.deepEqual(
    handler.results.map(({ n, recipient, attempts, receipt }) => [n, recipient, attempts, receipt]),
    [
      [2, 'good', 1, 'ok'],
      [1, 'bad', 3, 'dead refused'],
      [2, 'bad', 1, 'ok'],
    ],
  );
  const dead = await server.redis.xrange(KEYS.dead, '-', '+');
  assert.equal(dead.length, 1);
  const fields = dead[0]?.[1] ?? [];
  assert.equal(fields[fields.indexOf('recipient') + 1], 'bad');
  assert.equal(fields[fields.indexOf('attempts') + 1], '3');
  assert.equal(fields[fields.indexOf('last_error') + 1], 'refused: no');
});

test('buries an undecodable entry at once and retries an unplannable one three times', async (t) => {
  const server = await startTestRedis(t);
  const plans: string[] = [];
  const handler = testHandler(done, (entry) => {
    plans.push(entry.event);
    if (entry.event === '') return { kind: 'undecodable', failure: { code: 'undecodable', message: 'empty' } };
    return entry.event.includes('"n":5') ? { kind: 'failed', failure } : null;
  });
  startPartition(t, server, handler);
  await server.redis.xadd(KEYS.stream, '*', 'nonsense', 'x');
  await add(server, { n: 5, to: ['a'] }, { n: 6, to: ['a'] });
  await eventually(() => assert.deepEqual(handler.closed.toSorted(), [-1, 5, 6]));
  await assertQuiet(server);
  assert.equal(plans.filter((event) => event.includes('"n":5')).length, 3);
  assert.equal(await server.redis.xlen(KEYS.dead), 2);
});

test('hands an entry on to the next owner with its attempts, and repeats no finished recipient', async (t) => {
  const server = await startTestRedis(t);
  let blocked = true;
  const handler = testHandler(async (_attempt, event, signal) => {
    if (event.to[0] === 'a' && blocked) {
      await sleep(60_000, undefined, { signal });
    }
    return { kind: 'done', receipt: 'ok' };
  });
  const first = startPartition(t, server, handler);
  await add(server, { n: 1, to: ['a', 'b'] });
  const records = async () => Object.entries(await server.redis.hgetall(KEYS.ledger))[0] ?? ['', '[]'];
  await eventually(async () => {
    const kept = decodeRecords((await records())[1]).map(({ recipient, state }) => `${recipient} ${state}`);
    assert.deepEqual(kept, ['a started', 'b started']);
  });
  // What a kill leaves: a started attempt, a finished neighbour that was never logged, a free lease.
  const [id, text] = await records();
  const kept = decodeRecords(text).map((record) =>
    record.recipient === 'b' ? { ...record, state: 'done' as const, note: 'by the first owner' } : record,
  );
  await server.redis.hset(KEYS.ledger, id, encodeRecords(kept));
  await server.redis.del(KEYS.lease);
  const stopped = first.stop(AbortSignal.timeout(100));
  blocked = false;
  await stopped;
  const second = testHandler(done);
  startPartition(t, server, second);
  await eventually(() => assert.equal(second.results.length, 2));
  assert.deepEqual(
    second.results.toSorted((x, y) => x.recipient.localeCompare(y.recipient)),
    [
      { n: 1, recipient: 'a', attempts: 2, receipt: 'ok' },
      { n: 1, recipient: 'b', attempts: 1, receipt: 'by the first owner' },
    ],
  );
  await assertQuiet(server);
});

test('reads nothing while another process holds the lease', async (t) => {
  const server = await startTestRedis(t);
  await server.redis.set(KEYS.lease, 'somebody', 'PX', 1500);
  const handler = testHandler(done);
  startPartition(t, server, handler);
  await add(server, { n: 1, to: ['a'] });
  await sleep(700);
  assert.equal(handler.results.length, 0);
  await eventually(() => assert.equal(handler.results.length, 1));
});
