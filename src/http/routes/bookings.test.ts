import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';

describe('PATCH /v1/bookings/{id}', () => {
  test('moves a booking, raises its version and tells both states', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', bookingBody(salon));
    const moved = await api.ok('PATCH', '/v1/bookings/1', {
      starts_at: '2026-12-29T11:30:00.000Z',
      specialist_id: salon.admin_id,
      location_id: null,
      duration_min: 90,
    });
    assert.equal(moved.version, 2);
    assert.equal(moved.ends_at, '2026-12-29T13:00:00.000Z');
    assert.deepEqual(await api.ok('GET', '/v1/bookings/1'), moved);
    const event = (await api.outbox())[1];
    assert.equal(event?.type, 'booking_rescheduled');
    const from = { ...event.change?.from };
    assert.deepEqual(event.change, {
      version: 2,
      from: {
        starts_at: '2026-12-28T11:00:00.000Z',
        specialist_id: salon.specialist_id,
        service_id: salon.service_id,
        location_id: salon.location_id,
        duration_min: 60,
      },
      to: {
        ...from,
        starts_at: '2026-12-29T11:30:00.000Z',
        specialist_id: salon.admin_id,
        location_id: null,
        duration_min: 90,
      },
    });
  });

  test('does nothing when nothing changes', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const booking = await api.ok('POST', '/v1/bookings', body);
    assert.deepEqual(await api.ok('PATCH', '/v1/bookings/1', {}), booking);
    const same = { starts_at: '2026-12-28T11:00:00Z', duration_min: 60, specialist_id: body.specialist_id };
    assert.deepEqual(await api.ok('PATCH', '/v1/bookings/1', same), booking);
    assert.equal((await api.outbox()).length, 1);
  });

  test('sets the external id without an event or a version', async (t) => {
    const api = await startTestApi(t);
    await api.ok('POST', '/v1/bookings', bookingBody(await makeSalon(api)));
    const booking = await api.ok('PATCH', '/v1/bookings/1', { external_id: 'B-7' });
    assert.deepEqual([booking.external_id, booking.version], ['B-7', 1]);
    assert.equal((await api.outbox()).length, 1);
  });

  test('brings the duration of another service with it', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', bookingBody(salon));
    const service = { company_id: salon.company_id, name: 'Окрашивание', duration_min: 120 };
    const { id: service_id } = await api.ok('POST', '/v1/services', service);
    const booking = await api.ok('PATCH', '/v1/bookings/1', { service_id });
    assert.deepEqual([booking.duration_min, booking.ends_at], [120, '2026-12-28T13:00:00.000Z']);
  });

  test('refuses a busy time unless it is allowed, and does not take the booking for its own rival', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { merge_moves_s: 0 });
    const body = bookingBody(salon);
    await api.ok('POST', '/v1/bookings', body);
    await api.ok('POST', '/v1/bookings', { ...body, starts_at: '2026-12-28T16:00:00+03:00' });
    const onto = { starts_at: '2026-12-28T15:30:00+03:00' };
    assertProblem(await api.call('PATCH', '/v1/bookings/1', onto), 409, 'starts_at');
    await api.ok('PATCH', '/v1/bookings/1', { starts_at: '2026-12-28T14:30:00+03:00' });
    await api.ok('PATCH', '/v1/bookings/1', { ...onto, allow_overlap: true, notify: false });
    await api.ok('PATCH', '/v1/bookings/1', { location_id: null });
    assert.equal((await api.outbox()).length, 4);
  });

  test('refuses what a booking cannot be', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', bookingBody(salon));
    const patch = (change: object) => api.call('PATCH', '/v1/bookings/1', change);
    assertProblem(await patch({ starts_at: 'later' }), 422, 'starts_at');
    assertProblem(await patch({ starts_at: '2040-01-01T00:00:00Z' }), 422, 'starts_at');
    assertProblem(await patch({ specialist_id: salon.client_id }), 422, 'specialist_id');
    assertProblem(await patch({ service_id: other.service_id }), 422, 'service_id');
    assertProblem(await patch({ location_id: other.location_id }), 422, 'location_id');
    assertProblem(await patch({ duration_min: null }), 422, 'duration_min');
    assertProblem(await patch({ company_id: other.company_id, client_id: 1 }), 422, 'company_id', 'client_id');
    assertProblem(await api.call('PATCH', '/v1/bookings/99', {}), 404);
    assertProblem(await api.call('PATCH', '/v1/bookings/99', {}, { 'x-initiated-by-role': 'admin' }), 404);
    assertProblem(await api.call('PATCH', '/v1/bookings/1'), 422, 'body');
  });
});

describe('POST /v1/bookings/{id}/…', () => {
  test('cancels with an event, completes and misses without one', async (t) => {
    const api = await startTestApi(t);
    const body = { ...bookingBody(await makeSalon(api)), allow_overlap: true };
    for (const [index, [action, status]] of [
      ['cancel', 'cancelled'],
      ['complete', 'completed'],
      ['no-show', 'no_show'],
    ].entries()) {
      await api.ok('POST', '/v1/bookings', { ...body, notify: false });
      const booking = await api.ok('POST', `/v1/bookings/${index + 1}/${action}`);
      assert.deepEqual([booking.status, booking.version], [status, 2]);
      assert.deepEqual(await api.ok('GET', `/v1/bookings/${index + 1}`), booking);
    }
    const events = await api.outbox();
    assert.deepEqual(
      events.map((event) => [event.type, event.booking_id, event.change?.version]),
      [['booking_cancelled', 1, 2]],
    );
    assert.deepEqual(events[0]?.change?.from, events[0]?.change?.to);
  });

  test('refuses a booking that is over, one that does not exist, and a body', async (t) => {
    const api = await startTestApi(t);
    await api.ok('POST', '/v1/bookings', bookingBody(await makeSalon(api)));
    assertProblem(await api.call('POST', '/v1/bookings/1/cancel', { reason: 'ill' }), 422, 'reason');
    await api.ok('POST', '/v1/bookings/1/cancel', {});
    for (const action of ['cancel', 'complete', 'no-show']) {
      const reply = await api.call('POST', `/v1/bookings/1/${action}`);
      assertProblem(reply, 409);
      assert.equal(reply.body.code, 'booking_closed');
      assertProblem(await api.call('POST', `/v1/bookings/99/${action}`), 404);
      assertProblem(await api.call('POST', `/v1/bookings/1/${action}`, undefined, { authorization: '' }), 401);
      assertProblem(await api.call('GET', `/v1/bookings/1/${action}`), 405);
    }
    assertProblem(await api.call('PATCH', '/v1/bookings/1', {}), 409);
    assertProblem(await api.call('POST', '/v1/bookings/1/explode'), 404);
  });
});

describe('GET /v1/bookings', () => {
  test('filters by column and by time', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), external_id: 'x&y' });
    await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: '2026-12-29T14:00:00+03:00' });
    await api.ok('POST', '/v1/bookings', bookingBody(other));
    await api.ok('POST', '/v1/bookings/2/cancel');
    const ids = async (query: string) =>
      (await api.ok('GET', `/v1/bookings${query}`)).items.map((booking: { id: number }) => booking.id);
    assert.deepEqual(await ids(''), [1, 2, 3]);
    assert.deepEqual(await ids(`?company_id=${salon.company_id}`), [1, 2]);
    assert.deepEqual(await ids(`?client_id=${other.client_id}`), [3]);
    assert.deepEqual(await ids(`?specialist_id=${salon.specialist_id}&status=created`), [1]);
    assert.deepEqual(await ids(`?service_id=${salon.service_id}&location_id=${salon.location_id}`), [1, 2]);
    assert.deepEqual(await ids('?external_id=x%26y'), [1]);
    assert.deepEqual(await ids('?starts_from=2026-12-28T11:00:00Z&starts_to=2026-12-29T11:00:00Z'), [1, 3]);
    assert.deepEqual(await ids('?starts_from=2026-12-28T14:00:01+03:00'), [2]);
    assert.deepEqual(await ids('?starts_at=2026-12-29T11:00:00Z'), [2]);
    assert.deepEqual(await ids('?duration_min=60&ends_at=2026-12-29T12:00:00Z'), [2]);
    assert.deepEqual(await ids('?version=2'), [2]);
    assert.deepEqual(await ids('?company_id=999'), []);
  });

  test('refuses parameters it does not know, twice, or out of range', async (t) => {
    const api = await startTestApi(t);
    const get = (query: string) => api.call('GET', `/v1/bookings?${query}`);
    const unknown = await get('colour=red');
    assertProblem(unknown, 400, 'colour');
    assert.equal(unknown.body.detail, 'colour is not a query parameter of this path');
    assertProblem(await get('limit=0'), 400, 'limit');
    assertProblem(await get('limit=201'), 400, 'limit');
    assertProblem(await get('limit=ten'), 400, 'limit');
    assertProblem(await get('cursor=abc'), 400, 'cursor');
    assertProblem(await get('status=open'), 400, 'status');
    assertProblem(await get('company_id=1&company_id=2'), 400, 'company_id');
    assertProblem(await get('company_id=1%27'), 400, 'company_id');
    assertProblem(await get('starts_from=today'), 400, 'starts_from');
    assertProblem(await api.call('GET', '/v1/bookings/1?full=1'), 400, 'full');
  });

  test('finds nothing under an id that cannot be', async (t) => {
    const api = await startTestApi(t);
    for (const id of ['1', '0', '-1', 'abc', '1.5', '99999999999', '%00', ''])
      assertProblem(await api.call('GET', `/v1/bookings/${id}`), 404);
  });
});
