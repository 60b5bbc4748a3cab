import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { cleanUp, describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import type { Database } from '../db/database.ts';
import { Booking, Company } from '../db/entities.ts';
import { OutboxRow } from '../db/event-entities.ts';
import { appendManyToOutbox, closeOutboxRows } from '../db/outbox.ts';
import { askForPass, openPasses } from '../db/reminder-passes.ts';
import { encodeRules } from '../db/reminder-rules.ts';
import { createLog } from '../observability/log.ts';
import { SCHEDULER } from './remind-due.ts';
import { createReminderScheduler } from './reminder-scheduler.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const AN_HOUR_BEFORE = encodeRules([{ offset: 60, since: new Date(0) }]);

/** So many bookings of a company of their own that are to be reminded of now. */
async function addDue(database: Database, count: number, company: { reminders?: string; time_zone?: string } = {}) {
  return await database.write(async (tx) => {
    const ids = await insertCompany(tx);
    await tx.nativeUpdate(Company, { id: ids.company_id }, { reminders: AN_HOUR_BEFORE, ...company });
    const row = { ...bookingRow(ids, new Date(NOW.getTime() + 1_800_000)), next_reminder_at: NOW };
    await tx.insertMany(
      Booking,
      Array.from({ length: count }, () => row),
    );
    return ids.company_id;
  });
}

async function openDue(t: TestContext, count: number): Promise<Database> {
  const database = await openTestDatabase(t);
  await addDue(database, count);
  return database;
}

/** No time passes for what is under way, unless the test lets it. */
function startScheduler(
  t: TestContext,
  database: Database,
  { redis }: TestRedis,
  { zoneData = '2026a', monotonicMs = (): number => 0 } = {},
) {
  const scheduler = createReminderScheduler({
    ...{ database, redis, keyPrefix: '', rate: 128, clock: () => NOW, monotonicMs, zoneData, newId: randomUUID },
    log: createLog('silent'),
    onCommitted: () => undefined,
  });
  cleanUp(t, () => scheduler.stop());
  scheduler.start();
  return scheduler;
}

const waiting = (database: Database) =>
  database.read().find(OutboxRow, {}, { disableIdentityMap: true, orderBy: { id: 'asc' } });

describeOnEachDatabase('reminders', ({ open }) => {
  test('go in small groups, the next when the last are settled, and each once', async (t) => {
    const database = await open(t);
    await addDue(database, 150);
    const redis = await startTestRedis(t);
    const schedulers = [startScheduler(t, database, redis), startScheduler(t, database, redis)];
    const told: number[] = [];
    for (const expected of [64, 64, 22]) {
      await eventually(async () => assert.equal((await waiting(database)).length, expected));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const rows = await waiting(database);
      assert.equal(rows.length, expected);
      told.push(...rows.map(({ event }) => JSON.parse(event).booking_id));
      await database.write((tx) => closeOutboxRows(tx, rows));
    }
    await Promise.all(schedulers.map((one) => one.stop())); // before the database is closed
    assert.equal(new Set(told).size, 150);
  });

  test('of a company with few come before the rest of one with many, though one place at a time is free', async (t) => {
    const database = await open(t);
    await addDue(database, 500);
    const scheduler = startScheduler(t, database, await startTestRedis(t));
    await eventually(async () => assert.equal((await waiting(database)).length, 64));
    const few = await addDue(database, 2);
    for (let n = 0; n < 2; n += 1)
      await database.write(async (tx) => closeOutboxRows(tx, (await waiting(database)).slice(0, 1)));
    const companies = async () => (await waiting(database)).slice(62, 64).map(({ company_id }) => company_id);
    await eventually(async () => assert.deepEqual(await companies(), [few, few]));
    await scheduler.stop();
  });

  test('of a company with hundreds held up wait for these, and those of others do not', async (t) => {
    const database = await open(t);
    await addDue(database, 400);
    let now = 0;
    const scheduler = startScheduler(t, database, await startTestRedis(t), { monotonicMs: () => now });
    for (const expected of [64, 128, 192, 256]) {
      await eventually(async () => assert.equal((await waiting(database)).length, expected));
      now += 5_000;
    }
    const other = await addDue(database, 5);
    await eventually(async () => {
      const companies = (await waiting(database)).slice(256).map(({ company_id }) => company_id);
      assert.deepEqual(companies, Array(5).fill(other));
    });
    now += 5_000;
    await addDue(database, 1);
    await eventually(async () => assert.equal((await waiting(database)).at(-1)?.company_id, other + 1));
    assert.deepEqual([(await waiting(database)).length, scheduler.trouble()], [262, null]);
    await database.write(async (tx) => closeOutboxRows(tx, (await waiting(database)).slice(0, 100)));
    now += 1_000;
    await eventually(async () => assert.equal((await waiting(database)).length, 262 - 100 + 63), 10_000);
    await scheduler.stop();
  });

  test('go though nothing can be decided on bookings of other companies, which are tried again later', async (t) => {
    const database = await open(t);
    const evening = encodeRules([{ offset: { evening_before: '19:00' }, since: new Date(0) }]);
    const gone = await addDue(database, 2, { time_zone: 'Europe/Gone', reminders: evening });
    const broken = await addDue(database, 1, { reminders: '[{' });
    await addDue(database, 3);
    const scheduler = startScheduler(t, database, await startTestRedis(t));
    await eventually(async () => assert.equal((await waiting(database)).length, 3));
    await eventually(() => assert.equal(scheduler.trouble(), null));
    const left = await database.read().find(Booking, { company_id: { $in: [gone, broken] } });
    assert.deepEqual(
      left.map(({ next_reminder_at }) => next_reminder_at?.getTime()),
      left.map(() => NOW.getTime() + 300_000),
    );
    await scheduler.stop();
  });
});

test('those that wait for a channel that is down keep the others back for a while only', async (t) => {
  const database = await openDue(t, 100);
  let now = 0;
  startScheduler(t, database, await startTestRedis(t), { monotonicMs: () => now });
  await eventually(async () => assert.equal((await waiting(database)).length, 64));
  now = 4_999;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await waiting(database)).length, 64);
  now = 5_000;
  await eventually(async () => assert.equal((await waiting(database)).length, 100));
});

test('what is due while Redis is away goes when it is back', async (t) => {
  const database = await openDue(t, 3);
  const redis = await startTestRedis(t);
  await redis.kill();
  const scheduler = startScheduler(t, database, redis);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await waiting(database)).length, 0);
  await redis.start();
  await eventually(async () => assert.equal((await waiting(database)).length, 3), 15_000);
  await eventually(() => assert.equal(scheduler.trouble(), null));
});

/** Its writes wait until it is opened. */
function gated(database: Database) {
  let open = (): void => undefined;
  let ask = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const write: Database['write'] = async (work) => {
    ask();
    await isOpen;
    return await database.write(work);
  };
  return { database: { ...database, write }, asked, open };
}

test('a look that loses its lease while it writes repeats nothing that the next one sent', async (t) => {
  const database = await openDue(t, 3);
  const redis = await startTestRedis(t);
  await redis.redis.set('reminders:tzdata', '2026a');
  const slow = gated(database);
  const first = startScheduler(t, slow.database, redis);
  await slow.asked;
  await redis.redis.del('reminders:lease');
  startScheduler(t, database, redis);
  await eventually(async () => assert.equal((await waiting(database)).length, 3));
  slow.open();
  await first.stop();
  assert.equal(new Set((await waiting(database)).map(({ event }) => JSON.parse(event).booking_id)).size, 3);
  assert.equal((await waiting(database)).length, 3);
});

test('a scheduler that is stopped finishes its look, and begins no other', async (t) => {
  const database = await openDue(t, 3);
  const redis = await startTestRedis(t);
  await redis.redis.set('reminders:tzdata', '2026a');
  const slow = gated(database);
  const scheduler = startScheduler(t, slow.database, redis);
  await slow.asked;
  const stopped = Promise.all([scheduler.stop(), scheduler.stop()]);
  slow.open();
  await stopped;
  assert.equal((await waiting(database)).length, 3);
  await addDue(database, 1);
  assert.equal(await redis.redis.exists('reminders:lease'), 0);
  assert.equal((await waiting(database)).length, 3);
});

test('the passes of many companies are made one after another, also while nothing is due', async (t) => {
  const database = await openTestDatabase(t);
  await database.write(async (tx) => {
    for (let n = 0; n < 200; n += 1) await askForPass(tx, (await insertCompany(tx)).company_id);
  });
  startScheduler(t, database, await startTestRedis(t));
  // Twenty at each tick of the rhythm would take 20 s.
  await eventually(async () => assert.deepEqual(await openPasses(database.read(), 1), []), 12_000);
});

test('bookings reminded of by the clock are looked at again when the zone data is other than before', async (t) => {
  const database = await openTestDatabase(t);
  const evening = encodeRules([{ offset: { evening_before: '19:00' }, since: new Date(0) }]);
  const [byClock, byMinutes] = [await addDue(database, 1, { reminders: evening }), await addDue(database, 1)];
  const redis = await startTestRedis(t);
  const lookedAt = async () => {
    const rows = await database.read().find(Booking, { next_reminder_at: { $ne: null } });
    return rows.map(({ company_id }) => company_id);
  };
  const hint = (at: Date | null) => database.write((tx) => tx.nativeUpdate(Booking, {}, { next_reminder_at: at }));
  const later = new Date(NOW.getTime() + 60_000);
  const looksWith = async (zoneData: string) => {
    await hint(later);
    const scheduler = startScheduler(t, database, redis, { zoneData });
    const other = await addDue(database, 1); // when it is reminded of, whatever is to be looked at has been
    await eventually(async () => assert.equal((await waiting(database)).at(-1)?.company_id, other));
    await scheduler.stop();
    return await lookedAt();
  };
  assert.deepEqual(await looksWith('2026a'), [byMinutes]);
  assert.deepEqual(await looksWith('2026a'), [byClock, byMinutes, byMinutes + 1]);
  assert.deepEqual((await looksWith('2026b')).includes(byClock), false);
});

test('it is told while none goes out because too many are held up', async (t) => {
  const database = await openDue(t, 3);
  const ts = Math.floor(NOW.getTime() / 1000);
  const events = Array.from({ length: 20_000 }, (_, n) => ({
    ...{ id: `e-${n}`, type: 'booking_reminder' as const, company_id: 1, booking_id: 1, ts },
    initiated_by: SCHEDULER,
  }));
  await database.write((tx) => appendManyToOutbox(tx, events));
  let now = 0;
  const scheduler = startScheduler(t, database, await startTestRedis(t), { monotonicMs: () => now });
  await eventually(() => assert.equal(scheduler.trouble(), '20000 are under way and not settled'), 10_000);
  await database.write((tx) => tx.execute('DELETE FROM outbox WHERE id % 2 = 0'));
  await eventually(() => {
    now += 1_000;
    assert.equal(scheduler.trouble(), null);
  }, 30_000);
});

test('a trouble is over with the next round that succeeds, also while there is more to do', async (t) => {
  const database = await openDue(t, 500);
  let failures = 4; // so that it lasts until it is seen
  const failing: Database = {
    ...database,
    async write(work) {
      if (failures-- > 0) throw Object.assign(new Error('the disk is slow'), { code: 'database_busy' });
      return await database.write(work);
    },
  };
  const scheduler = startScheduler(t, failing, await startTestRedis(t));
  await eventually(() => assert.equal(scheduler.trouble(), 'database_busy'));
  await eventually(async () => assert.equal((await waiting(database)).length, 64));
  await eventually(() => assert.equal(scheduler.trouble(), null));
  assert.equal((await waiting(database)).length, 64);
});
