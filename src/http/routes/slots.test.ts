import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assertProblem,
  bookingBody,
  makeSalon,
  startTestApi,
  type TestApi,
  type TestSalon,
} from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';

/** Monday, 13:00 in Moscow. */
const clock = () => new Date('2026-11-23T10:00:00.000Z');
const DAY = { from: '10:00', to: '14:00', breaks: [{ from: '12:00', to: '12:30' }] };

type Asked = Partial<Record<'date' | 'location_id' | 'booking_id' | 'service_id' | 'specialist_id', string | number>>;

function slotsOf(api: TestApi, { specialist_id, service_id }: TestSalon) {
  const pathOf = (asked: Asked) => {
    const query = { specialist_id, service_id, date: '2026-11-24', ...asked };
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`);
    return `/v1/slots?${pairs.join('&')}`;
  };
  return {
    call: (asked: Asked = {}) => api.call('GET', pathOf(asked)),
    /** The starts, by the clock in UTC. */
    async starts(asked: Asked = {}): Promise<string[]> {
      const { items } = await api.ok('GET', pathOf(asked));
      return items.map(({ starts_at }: { starts_at: string }) => starts_at.slice(11, 16));
    },
  };
}

describeOnEachDatabase('free times', (databases) => {
  test('are those at which the specialist is at work and free', async (t) => {
    const api = await startTestApi(t, { clock, database: await databases.open(t) });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    await api.ok('PUT', `/v1/users/${salon.specialist_id}/schedule`, { weekly: { tuesday: DAY } });
    const { status, body } = await slots.call();
    assert.equal(status, 200);
    const { specialist_id, service_id } = salon;
    const hour = (from: string, to: string) => ({
      starts_at: `2026-11-24T${from}:00.000Z`,
      ends_at: `2026-11-24T${to}:00.000Z`,
    });
    const items = [
      hour('07:00', '08:00'),
      hour('07:30', '08:30'),
      hour('08:00', '09:00'),
      hour('09:30', '10:30'),
      hour('10:00', '11:00'),
    ];
    assert.deepEqual(body, { items, specialist_id, service_id, date: '2026-11-24', time_zone: 'Europe/Moscow' });

    const starts_at = '2026-11-24T10:00:00+03:00';
    const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at, duration_min: 30 });
    assert.deepEqual(await slots.starts(), ['07:30', '08:00', '09:30', '10:00']);
    await api.ok('POST', `/v1/bookings/${id}/cancel`);
    assert.equal((await slots.starts()).length, 5);
  });
});

describe('the slots of a day', () => {
  test('leave room for the booking that is being moved, as long as it is', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    await api.ok('PUT', `/v1/users/${salon.specialist_id}/schedule`, { weekly: { tuesday: DAY } });
    const booked = { ...bookingBody(salon), starts_at: '2026-11-24T07:00:00Z', duration_min: 120 };
    const { id: booking_id } = await api.ok('POST', '/v1/bookings', booked);
    assert.deepEqual(await slots.starts(), ['09:30', '10:00']);
    assert.deepEqual(await slots.starts({ booking_id }), ['07:00']);
    const { company_id } = salon;
    const { id: service_id } = await api.ok('POST', '/v1/services', { company_id, name: 'Чёлка', duration_min: 90 });
    assert.deepEqual(await slots.starts({ booking_id, service_id }), ['07:00', '07:30', '09:30']);
  });

  test('know bookings that cross midnight', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', {
      ...bookingBody(salon),
      starts_at: '2026-11-23T20:00:00Z',
      duration_min: 1200,
    });
    assert.deepEqual((await slotsOf(api, salon).starts())[0], '16:00');
  });

  test('go by the location: its hours, its zone, its days off, the booking’s own unless said', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    const { location_id } = salon;
    await api.ok('PATCH', `/v1/locations/${location_id}`, { time_zone: 'Asia/Yekaterinburg' });
    await api.ok('PUT', `/v1/locations/${location_id}/schedule`, {
      weekly: { tuesday: DAY },
      days_off: ['2026-12-01'],
    });
    assert.equal((await slots.starts()).length, 23);
    assert.deepEqual(await slots.starts({ location_id }), ['05:00', '05:30', '06:00', '07:30', '08:00']);
    assert.equal((await slots.call({ location_id })).body.time_zone, 'Asia/Yekaterinburg');
    const { id: booking_id } = await api.ok('POST', '/v1/bookings', bookingBody(salon));
    assert.deepEqual((await slots.starts({ booking_id })).length, 5);
    assert.deepEqual(await slots.starts({ location_id, date: '2026-12-01' }), []);
    await api.ok('PUT', `/v1/users/${salon.specialist_id}/schedule`, {
      weekly: { tuesday: { from: '18:00', to: '19:00' } },
    });
    assert.deepEqual(await slots.starts({ location_id }), ['13:00']);
    assert.deepEqual(await slots.starts({ location_id, date: '2026-12-01' }), []);
  });

  test('are only those to come', async (t) => {
    const api = await startTestApi(t, { clock });
    const slots = slotsOf(api, await makeSalon(api));
    assert.equal((await slots.starts({ date: '2026-11-23' }))[0], '10:30');
    assert.deepEqual(await slots.starts({ date: '2026-11-22' }), []);
    assert.deepEqual(await slots.starts({ date: '0000-01-01' }), []);
    assert.deepEqual(await slots.starts({ date: '2040-01-01' }), []);
    assert.deepEqual(await slots.starts({ date: '9999-12-31' }), []);
  });

  test('of a night in which the clocks go back come twice', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { time_zone: 'Europe/Berlin' });
    await api.ok('PUT', `/v1/users/${salon.specialist_id}/schedule`, {
      weekly: { sunday: { from: '02:00', to: '03:00' } },
    });
    assert.deepEqual(await slotsOf(api, salon).starts({ date: '2027-10-31' }), ['00:00', '00:30', '01:00']);
    assert.deepEqual(await slotsOf(api, salon).starts({ date: '2027-03-28' }), []);
  });

  test('are refused for what does not exist, is of another company or no date', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    const slots = slotsOf(api, salon);
    const theirs = await api.ok('POST', '/v1/bookings', bookingBody(other));
    const refused: [Asked, number, string][] = [
      [{ specialist_id: 999 }, 422, 'specialist_id'],
      [{ specialist_id: salon.client_id }, 422, 'specialist_id'],
      [{ service_id: 999 }, 422, 'service_id'],
      [{ service_id: other.service_id }, 422, 'service_id'],
      [{ location_id: other.location_id }, 422, 'location_id'],
      [{ booking_id: 999 }, 422, 'booking_id'],
      [{ booking_id: theirs.id }, 422, 'booking_id'],
      [{ date: '2026-02-30' }, 400, 'date'],
      [{ date: '24.11.2026' }, 400, 'date'],
      [{ service_id: 'x' }, 400, 'service_id'],
    ];
    for (const [asked, status, field] of refused) assertProblem(await slots.call(asked), status, field);
    assertProblem(await api.call('GET', '/v1/slots'), 400, 'specialist_id', 'service_id', 'date');
    assertProblem(await api.call('GET', '/v1/slots?nope=1', undefined, { authorization: '' }), 401);
  });
});
