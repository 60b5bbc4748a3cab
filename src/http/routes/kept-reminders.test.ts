import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { bookingRow } from '#test/support/rows.ts';
import { dueBookings } from '../../db/due-bookings.ts';
import { Booking, Company } from '../../db/entities.ts';
import { openPasses } from '../../db/reminder-passes.ts';
import { decodeRules } from '../../db/reminder-rules.ts';

describe("a company's reminders", () => {
  test('begin with the default, and each keeps since when it is asked for', async (t) => {
    let now = new Date('2026-11-23T10:00:00.000Z');
    const api = await startTestApi(t, { clock: () => now });
    const company = await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' });
    assert.deepEqual(company.reminders, [1440, 120]);
    const path = `/v1/companies/${company.id}`;
    const [first, later] = [now, new Date('2026-11-24T10:00:00.000Z')];
    now = later;
    const reminders = [{ evening_before: '19:00' }, 120];
    assert.deepEqual((await api.ok('PATCH', path, { reminders })).reminders, reminders);
    assert.deepEqual((await api.ok('GET', path)).reminders, reminders);
    const row = await api.database.read().findOneOrFail(Company, { id: company.id });
    assert.deepEqual(
      decodeRules(row.reminders ?? '').map(({ since }) => since),
      [later, first],
    );
  });

  test('are refused where they are none', async (t) => {
    const api = await startTestApi(t);
    const { company_id } = await makeSalon(api);
    const path = `/v1/companies/${company_id}`;
    const text = `19:00'; DROP TABLE bookings; --`;
    for (const [bad, field] of [
      [[0], 'reminders.0'],
      [[1440, 43_201], 'reminders.1'],
      [[1.5], 'reminders.0'],
      [['60'], 'reminders.0'],
      [[{ evening_before: '24:00' }], 'reminders.0.evening_before'],
      [[{ evening_before: text }], 'reminders.0.evening_before'],
      [[{ evening_before: '19:00', also: 1 }], 'reminders.0.also'],
      [[[60]], 'reminders.0'],
      [[60, 60], 'reminders'],
      [Array.from({ length: 11 }, (_, n) => n + 1), 'reminders'],
      [null, 'reminders'],
      [1440, 'reminders'],
      ['[60]', 'reminders'],
    ] as const) {
      assertProblem(await api.call('PATCH', path, { reminders: bad }), 422, field);
      const created = { name: 'x', time_zone: 'UTC', reminders: bad };
      assertProblem(await api.call('POST', '/v1/companies', created), 422, field);
    }
    assert.deepEqual((await api.ok('GET', path)).reminders, [1440, 120]);
  });

  test('and its zone make its bookings be looked at again where they are others; nothing else does', async (t) => {
    const api = await startTestApi(t);
    const { company_id } = await makeSalon(api);
    const { time_zone } = await api.ok('GET', `/v1/companies/${company_id}`);
    const passes = async (change: object) => {
      await api.database.write((tx) => tx.execute('DELETE FROM reminder_passes'));
      await api.ok('PATCH', `/v1/companies/${company_id}`, change);
      return await openPasses(api.database.read(), 10);
    };
    assert.deepEqual(await passes({ name: 'y' }), []);
    assert.deepEqual(await passes({ name: 'z', time_zone, reminders: [1440, 120] }), []);
    assert.deepEqual(await passes({ time_zone, reminders: [60] }), [company_id]);
    assert.deepEqual(await passes({ time_zone: 'Asia/Tokyo', reminders: [60] }), [company_id]);
    assert.deepEqual(await passes({ time_zone: 'Asia/Tokyo', reminders: [60] }), []);
  });

  test('follow the zone of a location for the bookings there, and the others are left alone', async (t) => {
    const now = new Date('2026-11-23T10:00:00.000Z');
    const api = await startTestApi(t, { clock: () => now });
    const salon = await makeSalon(api);
    const { location_id, company_id } = salon;
    await api.ok('PATCH', `/v1/companies/${company_id}`, { reminders: [{ evening_before: '19:00' }] });
    const book = async (change: object) =>
      (await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), allow_overlap: true, ...change })).id;
    const starts_at = '2026-11-25T10:00:00.000Z';
    const [there, elsewhere] = [await book({ starts_at }), await book({ starts_at, location_id: null })];
    const [past, cancelled] = [await book({ starts_at: '2026-11-22T10:00:00.000Z' }), await book({ starts_at })];
    await api.ok('POST', `/v1/bookings/${cancelled}/cancel`);
    const lookedAt = async (change: object) => {
      await api.database.write((tx) => tx.execute('UPDATE bookings SET next_reminder_at = NULL'));
      await api.database.write((tx) => tx.execute('DELETE FROM reminder_passes'));
      await api.ok('PATCH', `/v1/locations/${location_id}`, change);
      assert.deepEqual(await openPasses(api.database.read(), 10), []);
      return await dueBookings(api.database.read(), now, { room: 10, underWay: new Map() });
    };
    assert.deepEqual(await lookedAt({ name: 'y', time_zone: null }), []);
    assert.deepEqual(await lookedAt({ time_zone: 'Asia/Tokyo' }), [there]);
    assert.deepEqual(await lookedAt({ time_zone: 'Asia/Tokyo' }), []);
    const { reminders, time_zone } = await api.ok('GET', `/v1/bookings/${there}/schedule`);
    assert.deepEqual([time_zone, reminders[0].due_at], ['Asia/Tokyo', '2026-11-24T10:00:00.000Z']);
    assert.deepEqual(await lookedAt({ time_zone: null }), [there]);
    assert.ok(elsewhere !== there && past !== there);
  });

  test('of more bookings at a location than one commit takes are looked at in a pass', async (t) => {
    const api = await startTestApi(t, { clock: () => new Date('2026-01-20T10:00:00.000Z') });
    const { company_id, location_id, client_id, specialist_id, service_id } = await makeSalon(api);
    const row = { ...bookingRow({ company_id, client_id, specialist_id, service_id }), location_id };
    await api.database.write((tx) =>
      tx.insertMany(
        Booking,
        Array.from({ length: 501 }, () => row),
      ),
    );
    await api.ok('PATCH', `/v1/locations/${location_id}`, { time_zone: 'Asia/Tokyo' });
    assert.deepEqual(await openPasses(api.database.read(), 10), [company_id]);
  });
});
