import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import { Booking } from './entities.ts';
import { personRows } from './person-reads.ts';

const STARTS_AT = new Date('2026-12-28T11:00:00Z');
const SAID_AT = new Date('2026-12-20T11:00:00Z');

describeOnEachDatabase('what the tables know of a person', ({ open }) => {
  test('says of a booking that it is confirmed while it starts at the time that was, and not when it was moved', async (t) => {
    const database = await open(t);
    const person = await database.write(async (tx) => {
      const ids = await insertCompany(tx);
      const confirmed = { confirmed_at: SAID_AT, confirmed_starts_at: STARTS_AT };
      for (const hours of [0, 3])
        await tx.insert(Booking, {
          ...bookingRow(ids, new Date(STARTS_AT.getTime() + hours * 3_600_000)),
          ...confirmed,
        });
      return ids.client_id;
    });
    const { bookings } = (await personRows(database.read(), person)) ?? assert.fail();
    assert.deepEqual(
      bookings.map(({ confirmed_at }) => confirmed_at),
      [SAID_AT, null],
    );
  });
});
