import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEngineProcess } from '../support/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { openSalon, shown } from '../support/salon.ts';
import type { ScriptedEvent } from '../support/scripted-handler.ts';
import { startVestnik } from '../support/vestnik.ts';
import { createJournal, firstDeliveries, type Journal } from './journal.ts';
import { addEvents, endLease, eventsOf, startOwner, untilQuiet } from './owner.ts';

/** Every recipient had all that was theirs, in the order of the stream. */
async function assertInOrder(server: TestRedis, journal: Journal, events: readonly ScriptedEvent[]): Promise<void> {
  await untilQuiet(server, 20_000);
  const orders = firstDeliveries(journal.sends());
  for (const recipient of new Set(events.flatMap(({ to }) => to))) {
    const theirs = events.filter(({ to }) => to.includes(recipient)).map(({ n }) => n);
    assert.deepEqual(orders.get(recipient), theirs, recipient);
  }
}

test('I3: a recipient’s messages keep their order, though plans and sends take their time and some fail at first', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal, { backoffMs: 30 });
  const events = eventsOf(90, 0, (n) => ({
    to: [`a${n % 4}`, `b${n % 9}`],
    planTakesMs: 20 - (n % 20),
    sendTakesMs: (n * 7) % 11,
    fails: n % 3,
  }));
  await addEvents(server, events);
  await assertInOrder(server, journal, events);
});

test('I3: entries on the shelf come before those of their tenant that were read after them', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  startOwner(t, server, journal);
  const events = eventsOf(2400, 0, (n) => ({ to: [`a${n % 350}`], tenant: 'same', sendTakesMs: 200 }));
  await addEvents(server, events);
  await assertInOrder(server, journal, events);
});

test('I3: what an earlier owner left goes before what it never read', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const events = eventsOf(120, 0, (n) => ({ to: [`a${n % 3}`], sendTakesMs: 10 }));
  await addEvents(server, events.slice(0, 60));
  const first = await startEngineProcess(t, server, { by: 'first', note: journal.note });
  await eventually(() => assert.equal(journal.closed().length > 10, true));
  await first.kill();
  await addEvents(server, events.slice(60));
  await endLease(server);
  const second = startOwner(t, server, journal, { by: 'second' });
  await eventually(() => assert.equal(journal.closed().length > 60, true));
  await second.stop(AbortSignal.timeout(1000));
  startOwner(t, server, journal, { by: 'third' });
  await assertInOrder(server, journal, events);
});

test('I3: bookings made all at once are told in the order of their commits', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  vestnik.telegram.fault(salon.people.admin.chat, { kind: 'server_error' }, { times: 2, methods: ['sendMessage'] });
  const slots = Array.from({ length: 40 }, (_, n) => new Date(Date.UTC(2027, 4, 1, n)).toISOString());
  const booked = await Promise.all(slots.map((starts_at) => salon.book('client', { starts_at })));
  await vestnik.settled();
  // One writer at a time: the numbers of bookings are given in the order of their commits.
  const committed = booked.map(({ id }) => id).toSorted((a, b) => a - b);
  for (const person of ['specialist', 'admin', 'other_admin'] as const) {
    const told = shown(vestnik, salon, person).map((text) => Number(/#(\d+)/.exec(text)?.[1]));
    assert.deepEqual(told, committed, person);
  }
});
