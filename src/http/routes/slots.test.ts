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
import { createApiClient, dataOf, replyOf } from '#test/support/api-client.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';

/** Monday, 13:00 in Moscow. */
const clock = () => new Date('2026-11-23T10:00:00.000Z');
const DAY = { from: '10:00', to: '14:00', breaks: [{ from: '12:00', to: '12:30' }] };

type Asked = Partial<Record<'location_id' | 'booking_id' | 'service_id' | 'specialist_id', number>> & { date?: string };

function slotsOf(api: TestApi, { specialist_id, service_id }: TestSalon) {
  const client = createApiClient(api);
  const call = (asked: Asked = {}) =>
    client.GET('/v1/slots', { params: { query: { specialist_id, service_id, date: '2026-11-24', ...asked } } });
  return {
    call,
    /** The starts, by the clock in UTC. */
    async starts(asked: Asked = {}): Promise<string[]> {
      const { items } = await dataOf(call(asked));
      return items.map(({ starts_at }) => starts_at.slice(11, 16));
    },
  };
}

const at = (id: number) => ({ params: { path: { id } } });

type Week = Partial<Record<'tuesday' | 'sunday', { from: string; to: string }>>;

async function setHours(api: TestApi, { specialist_id }: TestSalon, weekly: Week): Promise<void> {
  await dataOf(createApiClient(api).PUT('/v1/users/{id}/schedule', { ...at(specialist_id), body: { weekly } }));
}

type NewBooking = ReturnType<typeof bookingBody> & { duration_min?: number };

async function book(api: TestApi, body: NewBooking): Promise<number> {
  return (await dataOf(createApiClient(api).POST('/v1/bookings', { body }))).id;
}

describeOnEachDatabase('free times', (databases) => {
  test('are those at which the specialist is at work and free', async (t) => {
    const api = await startTestApi(t, { clock, database: await databases.open(t) });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    await setHours(api, salon, { tuesday: DAY });
    const answered = await dataOf(slots.call());
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
    assert.deepEqual(answered, { items, specialist_id, service_id, date: '2026-11-24', time_zone: 'Europe/Moscow' });

    const starts_at = '2026-11-24T10:00:00+03:00';
    const id = await book(api, { ...bookingBody(salon), starts_at, duration_min: 30 });
    assert.deepEqual(await slots.starts(), ['07:30', '08:00', '09:30', '10:00']);
    await dataOf(createApiClient(api).POST('/v1/bookings/{id}/cancel', at(id)));
    assert.equal((await slots.starts()).length, 5);
  });
});

describe('the slots of a day', () => {
  test('leave room for the booking that is being moved, as long as it is', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    await setHours(api, salon, { tuesday: DAY });
    const booked = { ...bookingBody(salon), starts_at: '2026-11-24T07:00:00Z', duration_min: 120 };
    const booking_id = await book(api, booked);
    assert.deepEqual(await slots.starts(), ['09:30', '10:00']);
    assert.deepEqual(await slots.starts({ booking_id }), ['07:00']);
    const { company_id } = salon;
    const body = { company_id, name: 'Чёлка', duration_min: 90 };
    const { id: service_id } = await dataOf(createApiClient(api).POST('/v1/services', { body }));
    assert.deepEqual(await slots.starts({ booking_id, service_id }), ['07:00', '07:30', '09:30']);
  });

  test('know bookings that cross midnight', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    await book(api, { ...bookingBody(salon), starts_at: '2026-11-23T20:00:00Z', duration_min: 1200 });
    assert.deepEqual((await slotsOf(api, salon).starts())[0], '16:00');
  });

  test('go by the location: its hours, its zone, its days off, the booking’s own unless said', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const slots = slotsOf(api, salon);
    const { location_id } = salon;
    const client = createApiClient(api);
    const body = { weekly: { tuesday: DAY }, days_off: ['2026-12-01'] };
    await dataOf(client.PATCH('/v1/locations/{id}', { ...at(location_id), body: { time_zone: 'Asia/Yekaterinburg' } }));
    await dataOf(client.PUT('/v1/locations/{id}/schedule', { ...at(location_id), body }));
    assert.equal((await slots.starts()).length, 23);
    assert.deepEqual(await slots.starts({ location_id }), ['05:00', '05:30', '06:00', '07:30', '08:00']);
    assert.equal((await dataOf(slots.call({ location_id }))).time_zone, 'Asia/Yekaterinburg');
    const booking_id = await book(api, bookingBody(salon));
    assert.deepEqual((await slots.starts({ booking_id })).length, 5);
    assert.deepEqual(await slots.starts({ location_id, date: '2026-12-01' }), []);
    await setHours(api, salon, { tuesday: { from: '18:00', to: '19:00' } });
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
    const body = { time_zone: 'Europe/Berlin' };
    await dataOf(createApiClient(api).PATCH('/v1/companies/{id}', { ...at(salon.company_id), body }));
    await setHours(api, salon, { sunday: { from: '02:00', to: '03:00' } });
    assert.deepEqual(await slotsOf(api, salon).starts({ date: '2027-10-31' }), ['00:00', '00:30', '01:00']);
    assert.deepEqual(await slotsOf(api, salon).starts({ date: '2027-03-28' }), []);
  });

  test('are refused for what does not exist, is of another company or no date', async (t) => {
    const api = await startTestApi(t, { clock });
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    const slots = slotsOf(api, salon);
    const theirs = await book(api, bookingBody(other));
    const refused: [Asked, number, string][] = [
      [{ specialist_id: 999 }, 422, 'specialist_id'],
      [{ specialist_id: salon.client_id }, 422, 'specialist_id'],
      [{ service_id: 999 }, 422, 'service_id'],
      [{ service_id: other.service_id }, 422, 'service_id'],
      [{ location_id: other.location_id }, 422, 'location_id'],
      [{ booking_id: 999 }, 422, 'booking_id'],
      [{ booking_id: theirs }, 422, 'booking_id'],
      [{ date: '2026-02-30' }, 400, 'date'],
      [{ date: '24.11.2026' }, 400, 'date'],
      [{ service_id: 0.5 }, 400, 'service_id'],
    ];
    for (const [asked, status, field] of refused) assertProblem(await replyOf(slots.call(asked)), status, field);
    assertProblem(await api.call('GET', '/v1/slots'), 400, 'specialist_id', 'service_id', 'date');
    assertProblem(await api.call('GET', '/v1/slots?nope=1', undefined, { authorization: '' }), 401);
  });
});
