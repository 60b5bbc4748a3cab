import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import { createJournal } from './journal.ts';
import { addEvents, connectLossy, deadLetters, endLease, eventsOf, startOwner, untilQuiet } from './owner.ts';

const FAILURE = { code: 'busy', message: 'later' };

test('I7: three failed attempts bury, whichever owners executed them, and a deferral is none', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const calls = new Map<string, number>();
  const send: Parameters<typeof startOwner>[3] = {
    backoffMs: 150,
    async send({ fails = 0, to: [recipient = ''] }, attempt) {
      const call = (calls.get(recipient) ?? 0) + 1;
      calls.set(recipient, call);
      // Every second call is deferred: it was no attempt.
      if (call % 2 === 1) return { kind: 'deferred', failure: FAILURE, delayMs: 5 };
      return attempt <= fails ? { kind: 'failed', failure: FAILURE } : { kind: 'done', receipt: 'delivered' };
    },
  };
  const first = startOwner(t, server, journal, { ...send, by: 'first' });
  await addEvents(server, [
    { n: 1, to: ['never'], fails: 9 },
    { n: 2, to: ['third'], fails: 2 },
  ]);
  await eventually(() => assert.equal(journal.sends().filter(({ outcome }) => outcome === 'failed').length, 2));
  await first.stop(AbortSignal.timeout(1000));
  startOwner(t, server, journal, { ...send, by: 'second' });
  await untilQuiet(server);
  const executed = (recipient: string) =>
    journal.sends().filter((one) => one.recipient === recipient && one.outcome !== 'deferred').length;
  assert.deepEqual([executed('never'), executed('third')], [3, 3]);
  const letters = await deadLetters(server);
  assert.deepEqual(
    letters.map(({ recipient, attempts }) => [recipient, attempts]),
    [['never', '3']],
  );
});

test('I7: a message that kills its process dies after three attempts, and no bystander with it', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const bystanders = eventsOf(20, 1, (n) => ({ to: [`b${n}`], sendTakesMs: 30 }));
  await addEvents(server, [...bystanders.slice(0, 10), { n: 0, to: ['poison'], kills: true }, ...bystanders.slice(10)]);
  for (let life = 1; life <= 3; life += 1) {
    const owner = await startEngineProcess(t, server, { by: `life ${life}`, note: journal.note });
    await owner.ended;
    await endLease(server);
  }
  await startEngineProcess(t, server, { by: 'last', note: journal.note });
  await untilQuiet(server);
  const poisoned = journal.sends().filter(({ recipient }) => recipient === 'poison');
  assert.deepEqual(
    poisoned.map(({ by, attempt }) => [by, attempt]),
    [1, 2, 3].map((life) => [`life ${life}`, life]),
  );
  const letters = await deadLetters(server);
  assert.deepEqual(
    letters.map(({ recipient, attempts }) => [recipient, attempts]),
    [['poison', '3']],
  );
  const delivered = journal.endings().filter(({ receipt }) => receipt === 'delivered');
  assert.equal(new Set(delivered.map(({ n }) => n)).size, 20);
});

test('I7: who was only there at two kills, in flight or waiting, is delivered', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  await addEvents(server, [
    ...eventsOf(3, 0, (n) => ({ to: [`a${n}`], sendTakesMs: 150 })),
    ...eventsOf(3, 3, (n) => ({ to: [`a${n - 3}`] })),
  ]);
  for (let life = 1; life <= 2; life += 1) {
    const owner = await startEngineProcess(t, server, { by: `life ${life}`, note: journal.note });
    await eventually(() => assert.equal(journal.sends().length, 3 * life));
    await owner.kill();
    await endLease(server);
  }
  startOwner(t, server, journal, { by: 'last' });
  await untilQuiet(server);
  assert.equal(await server.redis.xlen(KEYS.dead), 0);
  const attempts = journal.endings().toSorted((a, b) => a.n - b.n);
  assert.deepEqual(
    attempts.map((ending) => [ending.n, ending.attempts]),
    [0, 1, 2, 3, 4, 5].map((n) => [n, n < 3 ? 3 : 1]),
  );
});

test('I7: a kill in the middle of the third attempt does not bury', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  await addEvents(server, [{ n: 1, to: ['a'], fails: 2, sendTakesMs: 150 }]);
  const first = await startEngineProcess(t, server, { by: 'first', note: journal.note });
  await eventually(() => assert.equal(journal.sends().at(-1)?.attempt, 3));
  await first.kill();
  await endLease(server);
  startOwner(t, server, journal, { by: 'last' });
  await untilQuiet(server);
  assert.equal(await server.redis.xlen(KEYS.dead), 0);
  assert.deepEqual(
    journal.endings().map(({ receipt }) => receipt),
    ['delivered'],
  );
});

test('I7: a stop in the middle of a send gives the attempt back', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  await addEvents(server, [{ n: 1, to: ['a'], sendTakesMs: 400, fails: 2 }]);
  for (let life = 1; life <= 4; life += 1) {
    const owner = startOwner(t, server, journal, { by: `life ${life}` });
    await eventually(() => assert.equal(journal.sends().at(-1)?.by, `life ${life}`));
    await owner.stop(AbortSignal.timeout(20));
  }
  startOwner(t, server, journal, { by: 'last' });
  await untilQuiet(server);
  assert.equal(await server.redis.xlen(KEYS.dead), 0);
  assert.deepEqual(
    journal.endings().map(({ attempts, receipt }) => [attempts, receipt]),
    [[3, 'delivered']],
  );
});

test('I7: an attempt whose beginning got no answer was none, however often that happens', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  let losses = 0;
  const redis = connectLossy(server, (args) => {
    if (losses >= 3 || !args.some((arg) => String(arg).includes(',"s",'))) return false;
    losses += 1;
    return true;
  });
  startOwner(t, server, journal, { redis });
  await addEvents(server, [{ n: 1, to: ['a', 'b'] }]);
  await untilQuiet(server);
  assert.equal(losses, 3);
  assert.deepEqual(
    journal.endings().map(({ attempts, receipt }) => [attempts, receipt]),
    [
      [1, 'delivered'],
      [1, 'delivered'],
    ],
  );
});
