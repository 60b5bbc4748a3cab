import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { bookingRow, insertCompany } from '#test/support/rows.ts';
import { findBooking, insertBooking, updateBooking } from './booking-rows.ts';
import { Booking } from './entities.ts';
import { constraintOf } from './errors.ts';
import { findRow } from './rows.ts';

const HOSTILE = `?? \\? it's "one" \\' 😀`;

describeOnEachDatabase('a booking in plain statements', ({ open }) => {
  test('is read as it was written, and as MikroORM reads it', async (t) => {
    const database = await open(t);
    const booking = await database.write(async (tx) => {
      const row = bookingRow(await insertCompany(tx), new Date('2026-01-28T11:00:00.123Z'));
      return insertBooking(tx, { ...row, external_id: HOSTILE });
    });
    assert.deepEqual(await findBooking(database.read(), booking.id), booking);
    assert.deepEqual({ ...(await findRow(database.read(), Booking, { id: booking.id })) }, booking);

    const moved = { ...booking, external_id: null, status: 'cancelled', version: 2, updated_at: new Date(1) } as const;
    await database.write((tx) => updateBooking(tx, moved));
    assert.deepEqual(await findBooking(database.read(), booking.id), moved);
    assert.equal(await findBooking(database.read(), booking.id + 1), null);
  });

  test('breaks constraints by their names', async (t) => {
    const database = await open(t);
    const again = database.write(async (tx) => {
      const row = { ...bookingRow(await insertCompany(tx)), external_id: HOSTILE };
      await insertBooking(tx, row);
      await insertBooking(tx, row);
    });
    await assert.rejects(again, (error) => {
      const { kind, table, columns } = constraintOf(error) ?? {};
      return kind === 'unique' && table === 'bookings' && columns?.join() === 'company_id,external_id';
    });
  });
});
