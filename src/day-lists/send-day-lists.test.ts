import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeOnEachDatabase, openTestDatabase, type TestDatabases } from '#test/support/database.ts';
import { type DayListWorld, openDayListWorld } from '#test/support/day-list-world.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import { deleteOldDayLists, dueCompanies, specialistsBetween } from '../db/day-lists.ts';
import { Booking, Company, User } from '../db/entities.ts';
import { OutboxRow } from '../db/event-entities.ts';
import { planDayLists } from './plan-day-lists.ts';
import { sendDayLists } from './send-day-lists.ts';

const HOUR_MS = 3_600_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'];
/** A little before the clocks change in some of them, and the day that Samoa left out. */
const BEGINNINGS = [
  '2026-03-27T20:00Z',
  '2026-10-23T03:00Z',
  '2026-11-23T12:00Z',
  '2011-12-28T10:00Z',
  '2027-04-02T10:00Z',
];

type Act = (world: DayListWorld) => Promise<void>;
const act = (text: string, run: Act): Act => Object.assign(run, { toString: () => text });
/** Without a bias towards zero, with which no time would pass. */
const hours = (min: number, max: number) =>
  fc.noBias(fc.integer({ min: min * 3600, max: max * 3600 })).map((seconds) => seconds / 3600);
const which = fc.nat({ max: 50 });
const inHours = fc.oneof(hours(1, 12), hours(12, 50));
const timeOfDay = fc.constantFrom('08:00', '02:30', '00:00', '23:30', '12:15');
const how = fc.constantFrom('one', 'other', 'both', 'crash', 'half', 'half');

/** What people, companies and schedulers do. */
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(which, inHours)
      .map(([n, later]) => act(`book(${n}, ${later})`, (world) => world.book(n, later * HOUR_MS))),
  },
  { weight: 2, arbitrary: which.map((n) => act(`cancel(${n})`, (world) => world.cancel(n))) },
  {
    weight: 7,
    arbitrary: fc.tuple(hours(0, 7), how).map(([passed, by]) =>
      act(`look after ${passed} h (${by})`, async (world) => {
        world.wait(passed * HOUR_MS);
        await world.look(by);
      }),
    ),
  },
  // Nobody looks.
  {
    weight: 1,
    arbitrary: hours(1, 50).map((passed) => act(`outage(${passed})`, async (world) => world.wait(passed * HOUR_MS))),
  },
  {
    weight: 1,
    arbitrary: fc.option(timeOfDay, { freq: 4 }).map((at) => act(`at(${at})`, (world) => world.sendAt(at))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...ZONES).map((zone) => act(`zone(${zone})`, (world) => world.moveTo(zone))),
  },
);

const NOW = new Date('2026-11-24T07:00:00Z');
const AT_EIGHT = { next_day_list_at: new Date('2026-11-24T05:00:00Z') };

/** A company in Moscow where so many specialists have a booking in an hour. */
async function openDue(databases: Pick<TestDatabases, 'open'>, t: Parameters<TestDatabases['open']>[0], count: number) {
  const database = await databases.open(t);
  const company = async (people: number) =>
    await database.write(async (tx) => {
      const ids = await insertCompany(tx);
      await tx.nativeUpdate(Company, { id: ids.company_id }, AT_EIGHT);
      const person = { company_id: ids.company_id, role: 'specialist', locale: 'ru', ads_opt_out: false } as const;
      for (let n = 0; n < people; n += 1) {
        const specialist_id = await tx.insert(User, { ...person, name: `${n}`, created_at: NOW });
        await tx.insert(Booking, { ...bookingRow(ids, new Date(NOW.getTime() + HOUR_MS)), specialist_id });
      }
      return ids;
    });
  const ids = await company(count);
  let events = 0;
  const look = async (room: number, full?: ReadonlySet<number>) => {
    const pages = await planDayLists(database.read(), NOW, room, full);
    return await database.write((tx) => sendDayLists(tx, pages, { now: NOW, newId: () => `list-${++events}` }));
  };
  return { database, ids, company, look };
}

describeOnEachDatabase('lists of the day', (databases) => {
  test('go once to everybody with bookings, whatever happens and whoever looks', async (t) => {
    const world = await openDayListWorld(await databases.openTwice(t));
    let told = 0;
    const runs = fc.asyncProperty(
      fc.constantFrom(...BEGINNINGS),
      fc.constantFrom(...ZONES),
      timeOfDay,
      fc.array(acts, { minLength: 60, maxLength: 80 }),
      async (begin, zone, at, steps) => {
        await world.beginAgain(new Date(begin), zone, at);
        for (const step of steps) await step(world);
        told += world.told();
      },
    );
    await fc.assert(runs, { numRuns: 25, endOnFailure: true });
    assert.ok(told > 50, `only ${told} lists went`);
  });

  test('of one company leave room for those of the others', async (t) => {
    const { company, look, ids } = await openDue(databases, t, 9);
    const small = await company(1);
    const companies = async (...full: number[]) => (await look(4, new Set(full))).map(({ company_id }) => company_id);
    assert.deepEqual(await companies(ids.company_id, small.company_id), []);
    assert.deepEqual(await companies(), [ids.company_id, ids.company_id, small.company_id]);
    assert.deepEqual(await companies(), Array(4).fill(ids.company_id));
    const third = await company(1);
    assert.deepEqual(await companies(ids.company_id), [third.company_id]);
    assert.deepEqual(await companies(), Array(3).fill(ids.company_id));
    assert.deepEqual(await companies(), []);
  });

  test('are not sent by one who looked before another sent them, or before their hour was changed', async (t) => {
    const { database, ids } = await openDue(databases, t, 3);
    const send = (pages: Awaited<ReturnType<typeof planDayLists>>, name: string) =>
      database.write((tx) => sendDayLists(tx, pages, { now: NOW, newId: () => `${name}-${Math.random()}` }));
    const [first, second] = [await planDayLists(database.read(), NOW, 2), await planDayLists(database.read(), NOW, 2)];
    assert.deepEqual([(await send(first, 'first')).length, (await send(second, 'second')).length], [2, 0]);
    const third = await planDayLists(database.read(), NOW, 2);
    await database.write((tx) => tx.nativeUpdate(Company, { id: ids.company_id }, { next_day_list_at: NOW }));
    assert.equal((await send(third, 'third')).length, 0);
    assert.equal((await database.read().find(OutboxRow, {})).length, 2);
  });

  test('go to no erased person, nor of bookings that have begun, ended or are tomorrow', async (t) => {
    const { database, ids, look } = await openDue(databases, t, 1);
    const person = { company_id: ids.company_id, role: 'specialist', locale: 'ru', ads_opt_out: false } as const;
    const inSo = (n: number) => new Date(NOW.getTime() + n * HOUR_MS);
    const cases = [
      { starts_at: inSo(2), erased_at: NOW, status: 'created' },
      { starts_at: NOW, erased_at: null, status: 'created' },
      { starts_at: inSo(2), erased_at: null, status: 'cancelled' },
      { starts_at: inSo(14), erased_at: null, status: 'created' },
    ] as const;
    for (const { starts_at, erased_at, status } of cases)
      await database.write(async (tx) => {
        const specialist_id = await tx.insert(User, { ...person, name: 'x', created_at: NOW, erased_at });
        await tx.insert(Booking, { ...bookingRow(ids, starts_at), specialist_id, status });
      });
    assert.equal((await look(10)).length, 1);
  });

  test('are forgotten with the log, and with their people', async (t) => {
    const { database, look } = await openDue(databases, t, 3);
    await look(10);
    const kept = async () => (await database.read().execute('SELECT user_id FROM day_lists')).length;
    assert.equal(await deleteOldDayLists(database, NOW, 10), 0);
    await database.write(async (tx) => {
      await tx.execute('DELETE FROM bookings');
      await tx.nativeDelete(User, { name: '0' });
    });
    assert.equal(await kept(), 2);
    assert.equal(await deleteOldDayLists(database, new Date(NOW.getTime() + 1), 1), 1);
    assert.equal(await kept(), 1);
  });
});

test('a look finds the companies by an index of those with something to come, and reads the bookings of one day', async (t) => {
  const database = await openTestDatabase(t);
  const [due = ''] = await plansOf(database, (sql) => dueCompanies(sql, NOW, { most: 16, full: new Set([7]) }), [[]]);
  assert.match(due, /companies_next_day_list/);
  const [page = ''] = await plansOf(
    database,
    (sql) => specialistsBetween(sql, { id: 1, after: 0 }, { from: NOW, to: NOW, most: 64 }),
    [[]],
  );
  assert.match(page, /bookings_company/);
  assert.doesNotMatch(page, /SCAN/);
});
