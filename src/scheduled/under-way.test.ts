import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { appendManyToOutbox, closeOutboxRows } from '../db/outbox.ts';
import type { EventKey } from '../db/unsettled-events.ts';
import type { BookingEventType } from '../domain/events.ts';
import { createUnderWay } from './under-way.ts';

const HELD_UP_MS = 5_000;

/** A tally by a clock that the test moves. */
async function openTally(t: TestContext, { open }: TestDatabases, rate = 128) {
  const database = await open(t);
  let now = 0;
  let count = 0;
  const newTally = () =>
    createUnderWay({ database, types: ['booking_reminder'], rate, monotonicMs: () => now, lookMs: 20 });
  let tally = newTally();

  async function commit(
    many: number,
    type: BookingEventType = 'booking_reminder',
    company_id = 1,
  ): Promise<EventKey[]> {
    const events = Array.from({ length: many }, () => ({
      ...{ id: `e-${++count}`, type, company_id, booking_id: 1, ts: 1_790_000_000 },
      initiated_by: { user_id: null, role: 'cron', channel: 'scheduler' } as const,
    }));
    await database.write((tx) => appendManyToOutbox(tx, events));
    return events.map(({ id }) => ({ company_id, event_id: id }));
  }

  return {
    commit,
    send: async (many: number, company_id = 1) => {
      const events = await commit(many, 'booking_reminder', company_id);
      tally.add(events);
      return events;
    },
    settle: (events: readonly EventKey[]) => database.write((tx) => closeOutboxRows(tx, events)),
    room: async () => (await tally.room()).room,
    againInMs: async () => (await tally.room()).againInMs,
    byCompany: () => Object.fromEntries(tally.byCompany()),
    full: () => [...tally.full()],
    trouble: () => tally.trouble(),
    wait: (ms: number) => {
      now += ms;
    },
    async restart() {
      tally = newTally();
      await tally.load();
    },
  };
}

describeOnEachDatabase('reminders under way', (databases) => {
  test('are half a rate, and make room as they are settled', async (t) => {
    const tally = await openTally(t, databases);
    assert.equal(await tally.room(), 64);
    const sent = await tally.send(64);
    assert.deepEqual([await tally.room(), await tally.againInMs()], [0, 20]);
    await tally.settle(sent.slice(0, 10));
    assert.equal(await tally.room(), 10);
    assert.deepEqual(tally.byCompany(), { 1: 54 });
  });

  test('are a hundred at most, whatever the rate', async (t) => {
    const tally = await openTally(t, databases, 1_000_000);
    assert.equal(await tally.room(), 100);
    await tally.send(99);
    assert.equal(await tally.room(), 1);
  });

  test('make room for others when they are held up; a company with two hundred waits, for ten minutes or until some are settled', async (t) => {
    const tally = await openTally(t, databases);
    const all: EventKey[] = [];
    const holdUp = async () => {
      all.push(...(await tally.send(await tally.room())));
      tally.wait(HELD_UP_MS);
      assert.equal(await tally.room(), 64);
    };
    for (let n = 0; n < 3; n += 1) await holdUp();
    assert.deepEqual(tally.full(), []);
    await holdUp();
    await tally.send(3, 2);
    assert.deepEqual([tally.full(), tally.byCompany(), tally.trouble()], [[1], { 1: 256, 2: 3 }, null]);
    await tally.settle(all.slice(100, 157));
    tally.wait(1000);
    await tally.room();
    assert.deepEqual([tally.full(), tally.byCompany()], [[], { 1: 199, 2: 3 }]);
    await holdUp();
    assert.deepEqual(tally.full(), [1]);
    tally.wait(600_000);
    await tally.room();
    assert.deepEqual([tally.full(), tally.byCompany()], [[], { 1: 260, 2: 3 }]);
  });

  test('of all companies are twenty thousand, and it is told that there is no room', async (t) => {
    const tally = await openTally(t, databases);
    const sent: EventKey[] = [];
    for (let n = 0; n < 10; n += 1) sent.push(...(await tally.commit(2000, 'booking_reminder', n)));
    await tally.restart();
    tally.wait(HELD_UP_MS);
    assert.deepEqual([await tally.room(), await tally.againInMs()], [0, 1000]);
    assert.equal(tally.trouble(), '20000 are under way and not settled');
    await tally.settle(sent.slice(-3));
    for (let n = 0; n < 20; n += 1) {
      tally.wait(1000);
      await tally.room();
    }
    assert.deepEqual([await tally.room(), tally.trouble()], [3, null]);
  });

  test('are counted anew after a restart, whoever sent them', async (t) => {
    const tally = await openTally(t, databases);
    await tally.commit(30, 'booking_created');
    const sent = await tally.commit(60, 'booking_reminder', 7);
    await tally.restart();
    assert.deepEqual([await tally.room(), tally.byCompany()], [4, { 7: 60 }]);
    await tally.settle(sent);
    assert.equal(await tally.room(), 64);
    await tally.commit(264);
    await tally.restart();
    assert.deepEqual([await tally.room(), tally.full()], [0, [1]]);
    tally.wait(HELD_UP_MS);
    assert.deepEqual([await tally.room(), tally.full()], [64, [1]]);
  });
});
