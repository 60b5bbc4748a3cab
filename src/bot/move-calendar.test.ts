import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import type { Sql } from '../db/database.ts';
import { Booking } from '../db/entities.ts';
import { openMoveCalendar } from './move-calendar.ts';

const NOW = new Date('2026-11-23T09:00:00Z');

test('a month costs one statement however full it is, and the same days are free as one by one', async (t) => {
  const database = await openTestDatabase(t);
  const ids = await database.write(insertCompany);
  await database.write(async (tx) => {
    for (let day = 1; day <= 20; day += 1)
      for (let hour = 6; hour < (day % 3 === 0 ? 18 : 12); hour += 1)
        await tx.insert(Booking, bookingRow(ids, new Date(Date.UTC(2026, 11, day, hour))));
  });
  let statements = 0;
  const reader = database.read();
  const counting = {
    execute: (sql: string, values: unknown[]) => {
      statements += 1;
      return reader.execute(sql, values);
    },
  } as unknown as Sql;
  const booking = { ...bookingRow(ids, new Date('2026-12-01T06:00:00Z')), id: 1 };
  const calendar = await openMoveCalendar(counting, booking, NOW);
  statements = 0;
  const free = await calendar.freeDaysOf('2026-12');
  assert.equal(statements, 1);
  const full = ['2026-12-03', '2026-12-06', '2026-12-09', '2026-12-12', '2026-12-15', '2026-12-18'];
  assert.equal(free.size, 31 - full.length);
  for (let day = 1; day <= 31; day += 1) {
    const date = `2026-12-${String(day).padStart(2, '0')}`;
    assert.equal(free.has(date), (await calendar.timesOf(date)).length > 0, date);
    assert.equal(free.has(date), !full.includes(date), date);
  }
  assert.deepEqual(await calendar.freeDaysOf('2026-10'), new Set());
});
