import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import type { Database } from '../db/database.ts';
import { Booking, Company, User } from '../db/entities.ts';
import { OutboxRow } from '../db/event-entities.ts';
import { closeOutboxRows } from '../db/outbox.ts';
import { createLog } from '../observability/log.ts';
import { createDayListScheduler } from './day-list-scheduler.ts';

/** Noon in Moscow. */
const NOW = new Date('2026-11-24T09:00:00Z');

const DUE_SINCE = new Date('2026-11-24T05:00:00Z');

/** So many specialists of one company who have a booking in an hour; their lists were due in the morning. */
async function addDue(database: Database, count: number, company: { time_zone?: string } = {}): Promise<number> {
  return await database.write(async (tx) => {
    const ids = await insertCompany(tx);
    const { company_id } = ids;
    await tx.nativeUpdate(Company, { id: company_id }, { next_day_list_at: DUE_SINCE, ...company });
    const person = { company_id, role: 'specialist', locale: 'ru', ads_opt_out: false, created_at: NOW } as const;
    for (let n = 0; n < count; n += 1) {
      const specialist_id = await tx.insert(User, { ...person, name: `${n}` });
      await tx.insert(Booking, { ...bookingRow(ids, new Date(NOW.getTime() + 3_600_000)), specialist_id });
    }
    return company_id;
  });
}

async function openDue(t: TestContext, count: number): Promise<Database> {
  const database = await openTestDatabase(t);
  await addDue(database, count);
  return database;
}

function startScheduler(
  t: TestContext,
  database: Database,
  { redis }: TestRedis,
  { clock = () => NOW, ...rest }: { clock?: () => Date; monotonicMs?: () => number } = {},
) {
  const scheduler = createDayListScheduler({
    ...{ database, redis, keyPrefix: '', rate: 128, clock, newId: randomUUID, log: createLog('silent') },
    onCommitted: () => undefined,
    ...rest,
  });
  t.after(() => scheduler.stop());
  scheduler.start();
  return scheduler;
}

const waiting = (database: Database) => database.read().find(OutboxRow, {}, { disableIdentityMap: true });

test('lists go in small groups, the next when the last are settled, and each once', async (t) => {
  const database = await openDue(t, 150);
  const redis = await startTestRedis(t);
  for (let n = 0; n < 2; n += 1) startScheduler(t, database, redis);
  const told: number[] = [];
  for (const expected of [64, 64, 22]) {
    await eventually(async () => assert.equal((await waiting(database)).length, expected));
    const rows = await waiting(database);
    told.push(...rows.map(({ event }) => JSON.parse(event).user_id));
    await database.write((tx) => closeOutboxRows(tx, rows));
  }
  assert.equal(new Set(told).size, 150);
  await eventually(async () => {
    const [company] = await database.read().find(Company, {}, { disableIdentityMap: true });
    const { next_day_list_at, day_list_after } = company ?? {};
    assert.deepEqual([next_day_list_at, day_list_after], [new Date('2026-11-25T05:00:00Z'), 0]);
  });
  assert.deepEqual(await waiting(database), []);
});

test('those that wait for a channel that is down keep the others back for a while only', async (t) => {
  const database = await openDue(t, 70);
  startScheduler(t, database, await startTestRedis(t));
  await eventually(async () => assert.equal((await waiting(database)).length, 64));
  await eventually(async () => assert.equal((await waiting(database)).length, 70), 10_000);
});

test('lists of a company with hundreds held up wait for these, and those of others do not', async (t) => {
  const database = await openDue(t, 400);
  let now = 0;
  startScheduler(t, database, await startTestRedis(t), { monotonicMs: () => now });
  for (const expected of [64, 128, 192, 256]) {
    await eventually(async () => assert.equal((await waiting(database)).length, expected));
    now += 5_000;
  }
  const other = await addDue(database, 5);
  const ofOthers = async () => (await waiting(database)).filter(({ company_id }) => company_id >= other).length;
  await eventually(async () => assert.equal(await ofOthers(), 5));
  now += 5_000;
  await addDue(database, 1);
  await eventually(async () => assert.equal(await ofOthers(), 6));
  assert.equal((await waiting(database)).length, 262);
});

test('lists go though nothing can be decided for other companies, which are looked at again in five minutes', async (t) => {
  const database = await openTestDatabase(t);
  const gone = await addDue(database, 1, { time_zone: 'Europe/Gone' });
  for (let n = 0; n < 20; n += 1) await addDue(database, 0, { time_zone: 'Europe/Gone' });
  await addDue(database, 3);
  const scheduler = startScheduler(t, database, await startTestRedis(t));
  await eventually(async () => assert.equal((await waiting(database)).length, 3));
  const [left] = await database.read().find(Company, { id: gone });
  assert.equal(left?.next_day_list_at?.getTime(), NOW.getTime() + 300_000);
  await eventually(() => assert.equal(scheduler.trouble(), null));
});
