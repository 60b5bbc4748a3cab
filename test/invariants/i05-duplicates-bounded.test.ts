import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { publish, relay } from '#streams/publisher.ts';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import { createJournal, repeats } from './journal.ts';
import { addEvents, endLease, eventsOf, startOwner, untilQuiet } from './owner.ts';

test('I5: a kill repeats what was in flight, and nothing that waited or was delivered', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  // Delivered, in flight and waiting, in this order; the last recipient of the first is in flight, too.
  await addEvents(server, [
    { n: 0, to: ['d0', 'd1', 'd2'] },
    ...eventsOf(10, 1, (n) => ({ to: [`f${n}`], sendTakesMs: 700 })),
    ...eventsOf(10, 11, (n) => ({ to: [`f${n - 10}`] })),
    // Delivered, and its process is killed before it can be logged.
    { n: 99, to: ['unlogged'], recordTakesMs: 1500 },
  ]);
  const first = await startEngineProcess(t, server, { by: 'first', note: journal.note });
  await eventually(() => assert.equal(journal.sends().length, 14));
  await sleep(150);
  await first.kill();
  const inFlight = journal.sends().filter(({ outcome }) => outcome === null);
  assert.equal(inFlight.length, 10);
  await endLease(server);

  startOwner(t, server, journal, { by: 'second' });
  await eventually(() => assert.equal(journal.sends().filter(({ n }) => n > 10 && n < 99).length, 10));
  await sleep(100);
  const keys = (sends: { n: number; recipient: string }[]) => sends.map(({ n, recipient }) => `${n} ${recipient}`);
  assert.deepEqual(keys(repeats(journal.sends())).toSorted(), keys(inFlight).toSorted());
});

test('I5: without a kill nothing is repeated, through stops, broken connections and a Redis that restarts', async (t) => {
  const server = await startTestRedis(t, { fsync: 'always' });
  const journal = createJournal();
  await addEvents(
    server,
    eventsOf(400, 0, (n) => ({ to: [`a${n % 8}`, `b${n % 5}`], sendTakesMs: 8, fails: n % 40 === 0 ? 1 : 0 })),
  );
  const first = startOwner(t, server, journal, { by: 'first' });
  await eventually(() => assert.equal(journal.sends().length > 40, true));
  await first.stop(AbortSignal.timeout(1000));
  startOwner(t, server, journal, { by: 'second' });
  for (let breaks = 0; breaks < 3; breaks += 1) {
    await sleep(250);
    await server.redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  }
  await sleep(200);
  await server.kill();
  await sleep(100);
  await server.start();
  await untilQuiet(server, 20_000);
  assert.deepEqual(repeats(journal.sends()), []);
  assert.equal(new Set(journal.closed()).size, 400);
  const charged = journal.sends().filter(({ n, attempt }) => attempt > (n % 40 === 0 ? 2 : 1));
  assert.deepEqual(charged, [], 'where nobody died, nobody is charged for it');
});

test('I5: an event that is published again while it is under way is delivered once', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const publications = eventsOf(20, 0, () => ({ to: ['a'] })).map((event) => ({
    key: `1:${event.n}`,
    event: JSON.stringify(event),
  }));
  const [ours, outbox] = [publications.slice(0, 10), publications.slice(10)];
  await server.redis.set(KEYS.relayLease, 'relay');
  const offer = (redelivered: boolean) =>
    relay(server.redis, KEYS, { token: 'relay', redelivered, publications: outbox });
  assert.equal(await publish(server.redis, KEYS, ours), 10);
  assert.equal(await offer(false), 10);
  assert.equal(await publish(server.redis, KEYS, ours), 0);
  assert.equal(await offer(true), 0);
  startOwner(t, server, journal);
  await eventually(() => assert.equal(journal.closed().length, 20));
  assert.equal(await publish(server.redis, KEYS, ours), 0, 'a client’s repeat within a day');
  await eventually(async () => assert.equal(await server.redis.xlen(KEYS.stream), 0));
  assert.equal(journal.sends().length, 20);
});
