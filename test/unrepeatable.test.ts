import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Attempt, Delivery, EntryHandler } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { decodeRecords } from '#streams/entry.ts';
import { eventually } from './support/eventually.ts';
import { add, KEYS, startPartition, testHandler } from './support/partition.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const log = pino({ level: 'silent' });
const OK = { kind: 'done', receipt: 'ok' } as const;

/** Every recipient of the test's events may hear at most once. */
function onceOnly(deliver: (recipient: string, attempt: Attempt) => Promise<Outcome<string>>) {
  const handler = testHandler(async () => OK);
  const plan: EntryHandler<string>['plan'] = async (entry) => {
    const { to } = JSON.parse(entry.event) as { to: string[] };
    const deliveries = to.map(
      (recipient): Delivery<string> => ({
        recipient,
        deliver: (attempt) => deliver(recipient, attempt),
        dead: ({ code }) => `dead ${code}`,
        crashed: ({ code }) => `unknown ${code}`,
      }),
    );
    return { kind: 'deliver', deliveries, concluded: [] };
  };
  return Object.assign(handler, { plan });
}

/** An owner that `die` ends in the middle of what it does: nothing of it reaches Redis any more. */
function startMortal(
  t: TestContext,
  server: TestRedis,
  deliver: (
    recipient: string,
    attempt: Attempt,
    end: Record<'die' | 'never', () => Promise<never>>,
  ) => Promise<Outcome<string>>,
) {
  const redis = connectRedis({ url: server.url, log });
  const buried = new AbortController();
  t.after(() => buried.abort());
  const never = () => once(buried.signal, 'abort').then(() => Promise.reject(new Error('dead')));
  const died = new AbortController();
  const die = () => {
    died.abort();
    redis.disconnect();
    return never();
  };
  const handler = onceOnly((recipient, attempt) =>
    died.signal.aborted ? never() : deliver(recipient, attempt, { die, never }),
  );
  const { record } = handler;
  handler.record = (...args) => (died.signal.aborted ? never() : record(...args));
  startPartition(t, server, handler, { redis, backoffMs: 10, stopMs: 50 });
  return { handler, died: once(died.signal, 'abort') };
}

const ends = (handler: { results: { recipient: string; receipt: string; attempts: number }[] }) =>
  handler.results.map(({ recipient, receipt, attempts }) => [recipient, receipt, attempts]).toSorted();

const settled = (server: TestRedis) => eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 0));

test('who may have got it when their process ended does not get it again, and who waited for their turn does', async (t) => {
  const server = await startTestRedis(t);
  const sent: string[] = [];
  const { died } = startMortal(t, server, async (recipient, attempt, { die, never }) => {
    if (recipient === 'waiting') return await die();
    await attempt.begin();
    sent.push(recipient);
    return await never();
  });
  await add(server, { n: 1, to: ['sending', 'other'] });
  await eventually(() => assert.equal(sent.length, 2));
  await add(server, { n: 2, to: ['waiting'] });
  await died;

  const next = onceOnly(async (recipient, attempt) => {
    assert.equal(attempt.number, 1);
    await attempt.begin();
    sent.push(recipient);
    return OK;
  });
  await server.redis.del(KEYS.lease);
  startPartition(t, server, next);
  await settled(server);
  assert.deepEqual(ends(next), [
    ['other', 'unknown crashed', 1],
    ['sending', 'unknown crashed', 1],
    ['waiting', 'ok', 1],
  ]);
  assert.deepEqual(sent, ['sending', 'other', 'waiting']);
  assert.equal(await server.redis.xlen(KEYS.dead), 0);
});

test('such an attempt stands in the ledger when it begins, and not before', async (t) => {
  const server = await startTestRedis(t);
  const stateNow = async () => {
    const [text = '[]'] = Object.values(await server.redis.hgetall(KEYS.ledger));
    return decodeRecords(text).find(({ recipient }) => recipient === 'a')?.state ?? null;
  };
  const states: unknown[] = [];
  const handler = onceOnly(async (recipient, attempt) => {
    if (recipient === 'b') {
      await attempt.begin();
      return OK;
    }
    states.push(await stateNow());
    states.push(await attempt.begin(), await attempt.begin());
    states.push(await stateNow());
    return OK;
  });
  startPartition(t, server, handler);
  await add(server, { n: 1, to: ['a', 'b'] });
  await settled(server);
  assert.ok(states[0] === null || states[0] === 'waiting', String(states[0]));
  assert.deepEqual(states.slice(1), [true, true, 'started']);
});

test('a wait before it begins uses no attempt and leaves no trace; a failure uses one', async (t) => {
  const server = await startTestRedis(t);
  const numbers: number[] = [];
  const handler = onceOnly(async (_, { number, begin }) => {
    numbers.push(number);
    const turn = numbers.length;
    if (turn <= 2) return { kind: 'deferred', failure: { code: 'later', message: '' }, delayMs: 5 };
    if (turn === 3) throw new Error('before the send');
    await begin();
    if (turn === 4) return { kind: 'deferred', failure: { code: 'later', message: '' }, delayMs: 5 };
    return { kind: 'failed', failure: { code: 'refused', message: '' } };
  });
  startPartition(t, server, handler, { backoffMs: 5 });
  await add(server, { n: 1, to: ['a'] });
  await settled(server);
  assert.deepEqual(numbers, [1, 1, 1, 2, 2, 3]);
  assert.deepEqual(ends(handler), [['a', 'dead refused', 3]]);
});

test('nothing is sent when the word that it begins cannot be written, and the attempt is made later', async (t) => {
  const server = await startTestRedis(t);
  const sent: string[] = [];
  let refusals = 0;
  const handler = onceOnly(async (recipient, attempt) => {
    // Once; its next owner is this very process.
    if (refusals === 0) await server.redis.del(KEYS.lease);
    if (!(await attempt.begin())) {
      refusals += 1;
      return OK;
    }
    sent.push(recipient);
    return OK;
  });
  startPartition(t, server, handler);
  await add(server, { n: 1, to: ['a'] });
  await settled(server);
  assert.deepEqual([refusals, sent], [1, ['a']]);
  assert.deepEqual(ends(handler), [['a', 'ok', 1]]);
});
