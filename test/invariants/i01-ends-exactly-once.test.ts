import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS, startPartition } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import { createScriptedHandler } from '../support/scripted-handler.ts';
import { createJournal } from './journal.ts';
import { addEvents, connectLossy, deadLetters, endLease, eventsOf, startOwner, untilQuiet } from './owner.ts';

test('I1: every event ends exactly once for each recipient, though its owners are killed one after another', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const fates = [{ fails: 0 }, { fails: 2 }, { fails: 9 }] as const;
  const events = eventsOf(150, 0, (n) => ({
    to: [`a${n % 5}`, `b${n % 7}`],
    silent: [`quiet${n}`],
    sendTakesMs: 5,
    ...fates[n % 3],
  }));
  await addEvents(server, events);
  for (const [by, enough] of [
    ['first', 30],
    ['second', 70],
  ] as const) {
    const owner = await startEngineProcess(t, server, { by, note: journal.note });
    await eventually(() => assert.equal(journal.closed().length >= enough, true));
    await owner.kill();
    await endLease(server);
  }
  startOwner(t, server, journal, { by: 'third' });
  await untilQuiet(server, 20_000);

  const expected = new Map<string, string>();
  for (const { n, to, silent = [], fails } of events) {
    for (const recipient of to) expected.set(`${n} ${recipient}`, fails === 9 ? 'dead' : 'delivered');
    for (const recipient of silent) expected.set(`${n} ${recipient}`, 'suppressed');
  }
  const ends = new Map<string, string>();
  for (const { n, recipient, receipt } of journal.endings()) {
    const earlier = ends.get(`${n} ${recipient}`) ?? receipt;
    assert.equal(receipt, earlier, `the log of ${n} for ${recipient} never changes`);
    ends.set(`${n} ${recipient}`, receipt);
  }
  assert.deepEqual([...ends].toSorted(), [...expected].toSorted());
  const buried = (await deadLetters(server)).map(({ event = '', recipient }) => `${JSON.parse(event).n} ${recipient}`);
  const dead = [...expected].filter(([, fate]) => fate === 'dead').map(([key]) => key);
  assert.deepEqual(buried.toSorted(), dead.toSorted());
});

test('I1: an event whose end could not be recorded stays until it is', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const handler = createScriptedHandler({ by: 'owner', note: journal.note });
  const { record } = handler;
  let refusals = 0;
  handler.record = async (...args) => {
    refusals += 1;
    if (refusals <= 3) throw new Error('the log is away');
    assert.equal(await server.redis.xlen(KEYS.stream), 1, 'it is settled after its record, never before');
    await record(...args);
  };
  startPartition(t, server, handler);
  await addEvents(server, [{ n: 1, to: ['a'] }]);
  await eventually(() => assert.deepEqual(journal.closed(), [1]));
  await untilQuiet(server);
  assert.equal(journal.sends().length, 1);
});

test('I1: a burial whose answer is lost is one dead letter', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  let losses = 0;
  const redis = connectLossy(server, (args) => {
    if (losses >= 2 || !args.some((arg) => String(arg).includes('died_at'))) return false;
    losses += 1;
    return true;
  });
  startOwner(t, server, journal, { redis });
  await addEvents(server, [{ n: 1, to: ['a'], fails: 9 }]);
  await untilQuiet(server);
  assert.equal(losses > 0, true);
  assert.equal((await deadLetters(server)).length, 1);
  assert.deepEqual(
    journal.endings().map(({ receipt }) => receipt),
    ['dead'],
  );
});
