import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPartition } from '#actors/partition.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { systemClock } from '#streams/clock.ts';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import { createScriptedHandler } from '../support/scripted-handler.ts';
import { createJournal, overlaps } from './journal.ts';
import { addEvents, eventsOf, startOwner, untilQuiet } from './owner.ts';

const log = createLog('silent');

test('I4: a recipient has one send at a time, while processes come, compete and stop in the middle of sends', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const start = (by: string) => startEngineProcess(t, server, { by, note: journal.note });
  const [first, second] = await Promise.all([start('first'), start('second')]);
  await addEvents(
    server,
    eventsOf(160, 0, (n) => ({ to: [`a${n % 4}`], sendTakesMs: 40 })),
  );
  await eventually(() => assert.equal(journal.sends().length > 20, true));
  await sleep(300);
  const [one, other] = journal.sends()[0]?.by === 'first' ? [first, second] : [second, first];
  await one.terminate();
  await eventually(() => assert.equal(new Set(journal.sends().map(({ by }) => by)).size, 2));
  await sleep(300);
  startOwner(t, server, journal, { by: 'third' });
  await other.terminate();
  await untilQuiet(server);
  assert.equal(new Set(journal.sends().map(({ by }) => by)).size, 3);
  assert.deepEqual(overlaps(journal.sends()), []);
  assert.equal(journal.sends().length, 160, 'nothing was sent twice');
});

test('I4: an owner whose connection breaks sends on, and to nobody beside it', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal);
  const events = eventsOf(12, 0, (n) => ({ to: [`a${n % 3}`], sendTakesMs: 600 }));
  await addEvents(server, events);
  for (let breaks = 0; breaks < 3; breaks += 1) {
    await sleep(500);
    await server.redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  await untilQuiet(server);
  assert.deepEqual(overlaps(journal.sends()), []);
  assert.equal(journal.sends().length, 12);
});

test('I4: a holding that broke off keeps its lease while it sends, however many wait for it', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal, { by: 'first' });
  await addEvents(server, [{ n: 1, to: ['a'], sendTakesMs: 1500 }]);
  await eventually(() => assert.equal(journal.sends().length, 1));
  for (const by of ['second', 'third']) startOwner(t, server, journal, { by });
  await sleep(100);
  await server.redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  // Not even for a moment: whoever asked in it would have it.
  while (journal.sends()[0]?.endedAt === null) assert.equal(await server.redis.exists(KEYS.lease), 1);
  await untilQuiet(server);
  assert.deepEqual(overlaps(journal.sends()), []);
  assert.deepEqual(
    journal.sends().map(({ by, outcome }) => [by, outcome]),
    [['first', 'done']],
  );
});

test('I4: a send ends with the lease of an owner that is cut off, before another one begins', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const redis = connectRedis({ url: server.url, log });
  startOwner(t, server, journal, { by: 'cut off', redis });
  await addEvents(server, [{ n: 1, to: ['a'], sendTakesMs: 9000 }]);
  await eventually(() => assert.equal(journal.sends().length, 1));
  startOwner(t, server, journal, { by: 'heir', send: async () => ({ kind: 'done', receipt: 'delivered' }) });
  redis.disconnect();
  await untilQuiet(server, 15_000);
  assert.deepEqual(overlaps(journal.sends()), []);
  assert.deepEqual(
    journal.sends().map(({ by, outcome }) => [by, outcome]),
    [
      ['cut off', 'aborted'],
      ['heir', 'done'],
    ],
  );
});

test('I4: after a wipe nobody sends beside an owner from before it', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  await server.redis.set(KEYS.epoch, 1);
  const startFearful = (by: string) => {
    const redis = connectRedis({ url: server.url, log });
    const partition = createPartition({
      redis,
      connectBlocking: () => connectRedis({ url: server.url, log }),
      keys: KEYS,
      handler: createScriptedHandler({ by, note: journal.note }),
      maxDeliveries: 3,
      backoff: () => 20,
      clock: systemClock,
      fearless: false,
      log,
    });
    partition.start();
    t.after(async () => {
      await partition.stop(AbortSignal.timeout(500));
      redis.disconnect();
    });
    return redis;
  };
  const cut = startFearful('first');
  const events = [{ n: 1, to: ['a'], sendTakesMs: 1500 }];
  await addEvents(server, events);
  await eventually(() => assert.equal(journal.sends().length, 1));
  startFearful('second');
  cut.disconnect();
  await server.flush();
  await addEvents(server, events);
  await eventually(() => assert.equal(journal.sends().length, 2), 10_000);
  await eventually(() =>
    assert.equal(
      journal.sends().every(({ endedAt }) => endedAt !== null),
      true,
    ),
  );
  assert.deepEqual(overlaps(journal.sends()), []);
});
