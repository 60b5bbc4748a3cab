import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { relay } from '#streams/publisher.ts';
import { eventually } from '../support/eventually.ts';
import { KEYS } from '../support/partition.ts';
import { startTestRedis } from '../support/redis.ts';
import type { Note } from '../support/scripted-handler.ts';
import { settledHeap } from './heap.ts';
import { createJournal } from './journal.ts';
import { addEvents, addMany, eventsOf, startOwner, untilQuiet } from './owner.ts';

test('I10: when all is delivered or dead, Redis holds no entry, no ledger and no marker of it', async (t) => {
  const server = await startTestRedis(t);
  const journal = createJournal();
  const owner = startOwner(t, server, journal, { backoffMs: 5 });
  const events = eventsOf(300, 0, (n) => ({ to: [`a${n % 20}`, `b${n}`], tenant: `t${n % 3}`, fails: n % 4 }));
  await server.redis.set(KEYS.relayLease, 'relay');
  const publications = events.map((event) => ({ key: `1:${event.n}`, event: JSON.stringify(event) }));
  await relay(server.redis, KEYS, { token: 'relay', redelivered: false, publications });
  await addEvents(server, [
    { n: 300, to: [] },
    { n: 301, to: [], silent: ['a'] },
  ]);
  await eventually(() => assert.equal(journal.closed().length, 302));
  await untilQuiet(server);
  await owner.stop(AbortSignal.timeout(1000));
  const left = (await server.redis.keys('*')).toSorted();
  assert.deepEqual(left, [KEYS.dead, KEYS.epoch, KEYS.relayLease, KEYS.stream].toSorted());
});

test('I10: tens of thousands of events later the heap is within a tenth of what it was', async (t) => {
  const server = await startTestRedis(t);
  let closed = 0;
  const note = (one: Note): void => {
    if (one.what === 'recorded' && one.last) closed += 1;
  };
  startOwner(t, server, { note }, { backoffMs: 1 });
  let added = 0;
  const pass = async (count: number) => {
    // No two events have a recipient or a tenant in common: what is kept of any of them shows.
    await addMany(server, added, count, '{"n":%d,"to":["a%d","b%d"],"tenant":"t%d"}');
    added += count;
    await eventually(() => assert.equal(closed, added), 30_000);
    await untilQuiet(server);
    await sleep(100);
  };
  await pass(5000);
  const base = await settledHeap();
  await pass(15_000);
  const after = await settledHeap();
  t.diagnostic(`heap ${(base / 1e6).toFixed(1)} MB, then ${(after / 1e6).toFixed(1)} MB`);
  assert.equal(after < base * 1.1, true, `${base} → ${after} bytes`);
});
