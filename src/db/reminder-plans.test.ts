import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { insertBooking, insertCompany } from '#test/support/rows.ts';
import { dueBookings } from './due-bookings.ts';
import { Booking } from './entities.ts';
import { continuePass, lookAtLocation } from './reminder-passes.ts';
import { deleteOldReminders } from './reminder-records.ts';
import { lookAgain, storedCases } from './reminder-work.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');

/** Reads bookings beside an index; SQLite says SCAN for a whole table or index. */
const ONE_BY_ONE = /SCAN (b\b|bookings)|Seq Scan on bookings/;

describeOnEachDatabase('a look for reminders', ({ open }) => {
  test('finds companies and bookings with something due by the index of such bookings alone', async (t) => {
    const plans = await plansOf(
      await open(t),
      (sql) => dueBookings(sql, AT, { room: 64, underWay: new Map(), full: new Set([7]) }),
      [[{ id: 1 }, { id: 2 }]],
    );
    assert.equal(plans.length, 2);
    assert.equal(plans[0]?.match(/bookings_next_reminder/g)?.length, 1);
    for (const plan of plans) {
      assert.match(plan, /bookings_next_reminder/);
      assert.doesNotMatch(plan, ONE_BY_ONE);
    }
  });
});

describeOnEachDatabase('a page of bookings', ({ open }) => {
  test('is told in one statement when to be looked at next, each at its moment', async (t) => {
    const database = await open(t);
    const ids = await database.write(async (tx) => {
      const company = await insertCompany(tx);
      return [await insertBooking(tx, company), await insertBooking(tx, company), await insertBooking(tx, company)];
    });
    const [first = 0, second = 0, third = 0] = ids;
    const next = [
      { id: first, at: new Date(AT.getTime() + 1) },
      { id: second, at: new Date(AT.getTime() + 60_000) },
    ];
    await database.write((tx) => lookAgain(tx, next));
    const rows = await database.read().find(Booking, { id: { $in: ids } }, { orderBy: { id: 'asc' } });
    assert.deepEqual(
      rows.map(({ id, next_reminder_at }) => [id, next_reminder_at?.getTime() ?? null]),
      [...next.map(({ id, at }) => [id, at.getTime()]), [third, null]],
    );
    assert.equal((await plansOf(database, (sql) => lookAgain(sql, next))).length, 1);
  });
});

describeOnEachDatabase('what is too old', ({ open }) => {
  test('is found by its age, and deleted by its key', async (t) => {
    const [plan = ''] = await plansOf(await open(t), (sql) =>
      deleteOldReminders({ write: (work) => work(sql) }, AT, 500),
    );
    assert.match(plan, /reminders_age/);
    assert.match(plan, /sqlite_autoindex_reminders_1|reminders_pkey/);
    assert.doesNotMatch(plan, /SCAN (r|b|reminders|bookings)\b|Seq Scan/);
  });
});

describeOnEachDatabase('what was decided on bookings', ({ open }) => {
  test('is found by the key of its rows, those of the present start alone', async (t) => {
    const [plan = ''] = await plansOf(await open(t), (sql) => storedCases(sql, [1, 2, 3]));
    assert.match(plan, /sqlite_autoindex_reminders_1 \(booking_id=\? AND version=\?\)|reminders_pkey/);
    assert.doesNotMatch(plan, /SCAN (b|r)\b|Seq Scan on (bookings|reminders)/);
  });
});

// PostgreSQL chooses by what is in the tables; an empty one tells nothing.
test('a pass goes through the bookings of a company in the order of their starts', async (t) => {
  const pass = [{ starts_at: null, booking_id: 0 }];
  const [, page = ''] = await plansOf(await openTestDatabase(t), (sql) => continuePass(sql, 1, AT, 500), [pass]);
  assert.match(page, /bookings_company/);
  assert.doesNotMatch(page, ONE_BY_ONE);
  assert.doesNotMatch(page, /B-TREE/);
});

test('another zone of a location reads the bookings of its company that are to come', async (t) => {
  const location = { id: 1, company_id: 1 };
  const [plan = ''] = await plansOf(await openTestDatabase(t), (sql) => lookAtLocation(sql, location, AT));
  assert.match(plan, /bookings_company/);
  assert.doesNotMatch(plan, ONE_BY_ONE);
});
