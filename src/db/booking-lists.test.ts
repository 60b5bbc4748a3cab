import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { bookingLines, bookingsOfToday, type Place, upcomingBookings } from './booking-lists.ts';
import type { Sql } from './database.ts';

const PLACES: (Place & { time_zone: string })[] = (['company', 'client', 'specialist'] as const).map((of) => ({
  ...{ company_id: 1, user_id: 2, of, time_zone: 'Europe/Moscow' },
}));

test('the lists find their bookings by indexes', async (t) => {
  const database = await openTestDatabase(t);
  const asked: [string, unknown[]][] = [];
  const recording = {
    execute: async (sql: string, values: unknown[]) => {
      asked.push([sql, values]);
      return [];
    },
  } as unknown as Sql;
  const range = { now: new Date('2026-11-23T09:00:00Z'), most: 101 };
  await upcomingBookings(recording, PLACES, range);
  await bookingsOfToday(recording, PLACES, range);
  await bookingLines(recording, [1, 2]);
  assert.equal(asked.length, 4);
  for (const [sql, values] of asked) {
    const plan = await database.read().execute<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, values);
    const scans = plan.map(({ detail }) => detail).filter((step) => /^SCAN (?!part\d|\()/.test(step));
    assert.deepEqual(scans, [], sql);
    const ranges = plan.map(({ detail }) => detail).filter((step) => /SEARCH b USING .*INDEX bookings_/.test(step));
    if (sql.includes('UNION')) assert.equal(ranges.filter((step) => step.includes('starts_at>?')).length, 3, sql);
  }
});
