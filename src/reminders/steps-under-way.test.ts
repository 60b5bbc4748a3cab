import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import type { Database } from '../db/database.ts';
import { Booking, Company } from '../db/entities.ts';
import { OutboxRow } from '../db/event-entities.ts';
import { encodeLadder } from '../db/no-show-ladder.ts';
import { closeOutboxRows } from '../db/outbox.ts';
import { recordReminders } from '../db/reminder-records.ts';
import { encodeRules } from '../db/reminder-rules.ts';
import { createLog } from '../observability/log.ts';
import { createReminderScheduler } from './reminder-scheduler.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-23T12:00:00Z');
const hours = (count: number) => new Date(NOW.getTime() + count * HOUR_MS);
const LONG_AGO = new Date(0);

/** So many clients were asked two hours ago, of bookings in half a day, and are to be called after one. */
async function openAsked(t: TestContext, count: number): Promise<Database> {
  const database = await openTestDatabase(t);
  await database.write(async (tx) => {
    const ids = await insertCompany(tx);
    const ladder = { ask: 840, push_after_min: null, call_after_min: 60, since: LONG_AGO };
    const reminders = encodeRules([{ offset: ladder.ask, since: LONG_AGO }]);
    await tx.nativeUpdate(Company, { id: ids.company_id }, { reminders, no_show_ladder: encodeLadder(ladder) });
    const row = { ...bookingRow(ids, hours(12)), next_reminder_at: NOW };
    await tx.insertMany(
      Booking,
      Array.from({ length: count }, () => row),
    );
    const bookings = await tx.execute<{ id: number }[]>('SELECT id FROM bookings');
    const asked = { version: 1, key: String(ladder.ask), state: 'emitted', reason: null } as const;
    const when = { starts_at: hours(12), due_at: hours(-2), decided_at: hours(-2) };
    await recordReminders(
      tx,
      bookings.map(({ id }) => ({ booking_id: id, ...asked, ...when, event_id: `asked-${id}` })),
    );
  });
  return database;
}

function startScheduler(t: TestContext, database: Database, { redis }: TestRedis) {
  const scheduler = createReminderScheduler({
    ...{ database, redis, keyPrefix: '', rate: 128, clock: () => NOW, monotonicMs: () => 0, zoneData: '2026a' },
    ...{ newId: randomUUID, log: createLog('silent'), onCommitted: () => undefined },
  });
  t.after(() => scheduler.stop());
  scheduler.start();
  return scheduler;
}

test('the steps of a ladder are bounded by those under way, also by what a scheduler before sent', async (t) => {
  const database = await openAsked(t, 100);
  const redis = await startTestRedis(t);
  const waiting = () => database.read().find(OutboxRow, {}, { disableIdentityMap: true, orderBy: { id: 'asc' } });
  const staysAt = async (count: number) => {
    await eventually(async () => assert.equal((await waiting()).length, count));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await waiting()).length, count);
  };
  const first = startScheduler(t, database, redis);
  await staysAt(64);
  const types = (await waiting()).map(({ event }) => JSON.parse(event).type);
  assert.deepEqual([...new Set(types)], ['booking_unconfirmed']);
  await first.stop();
  const second = startScheduler(t, database, redis);
  // Its first look is over by then.
  await eventually(async () => assert.equal(await redis.redis.exists('reminders:lease'), 1));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await staysAt(64);
  await database.write(async (tx) => closeOutboxRows(tx, await waiting()));
  await staysAt(36);
  await second.stop();
});
