import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import type { FieldError } from '../problem.ts';

describe('POST /v1/bookings', () => {
  test('answers the whole booking and commits its event with it', async (t) => {
    const api = await startTestApi(t, { clock: () => new Date('2026-11-23T10:00:00.000Z') });
    const salon = await makeSalon(api);
    const reply = await api.call('POST', '/v1/bookings', { ...bookingBody(salon), external_id: 'A-1' });
    assert.equal(reply.status, 201);
    const { location_id, ...ids } = bookingBody(salon);
    assert.deepEqual(reply.body, {
      id: 1,
      external_id: 'A-1',
      ...ids,
      location_id,
      starts_at: '2026-12-28T11:00:00.000Z',
      ends_at: '2026-12-28T12:00:00.000Z',
      duration_min: 60,
      status: 'created',
      version: 1,
      confirmed_at: null,
      created_at: '2026-11-23T10:00:00.000Z',
      updated_at: '2026-11-23T10:00:00.000Z',
    });
    assert.deepEqual(await api.ok('GET', '/v1/bookings/1'), reply.body);
    const [event, ...others] = await api.outbox();
    assert.deepEqual(others, []);
    assert.ok(event);
    assert.match(event.id, /^[0-9a-f-]{36}$/);
    const { trace, ...told } = event;
    assert.match(trace ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    assert.deepEqual(told, {
      id: event.id,
      type: 'booking_created',
      company_id: salon.company_id,
      booking_id: 1,
      initiated_by: { user_id: null, role: 'system', channel: 'api' },
      ts: 1795428000,
      change: {
        version: 1,
        from: null,
        to: {
          starts_at: '2026-12-28T11:00:00.000Z',
          specialist_id: salon.specialist_id,
          service_id: salon.service_id,
          location_id,
          duration_min: 60,
        },
      },
    });
    assert.equal(api.wakes(), 1);
  });

  test('takes a past booking without an event from an import', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const body = { ...bookingBody(salon), starts_at: '2019-01-01T03:30:00Z', duration_min: 15, notify: false };
    const booking = await api.ok('POST', '/v1/bookings', body);
    assert.equal(booking.ends_at, '2019-01-01T03:45:00.000Z');
    assert.deepEqual(await api.outbox(), []);
  });

  test('takes an admin as the specialist and a specialist as the client', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    await api.ok('POST', '/v1/bookings', {
      ...bookingBody(salon),
      client_id: salon.specialist_id,
      specialist_id: salon.admin_id,
    });
  });

  test('refuses an overlap by naming the other booking, and allows it on request', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const first = await api.ok('POST', '/v1/bookings', body);
    const overlapping = { ...body, starts_at: '2026-12-28T14:59:00+03:00' };
    const refused = await api.call('POST', '/v1/bookings', overlapping);
    assertProblem(refused, 409, 'starts_at');
    assert.equal(refused.body.code, 'booking_overlap');
    assert.match(refused.body.detail, new RegExp(`booking ${first.id}`));
    await api.ok('POST', '/v1/bookings', { ...overlapping, allow_overlap: true });
    await api.ok('POST', '/v1/bookings', { ...body, starts_at: '2026-12-28T17:00:00+03:00' });
    assert.equal((await api.outbox()).length, 3);
  });

  test('lets the next booking start when the last one ends, and takes the time of a cancelled one', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const first = await api.ok('POST', '/v1/bookings', body);
    await api.ok('POST', '/v1/bookings', { ...body, starts_at: '2026-12-28T15:00:00+03:00' });
    await api.ok('POST', '/v1/bookings', { ...body, starts_at: '2026-12-28T13:00:00+03:00' });
    await api.ok('POST', `/v1/bookings/${first.id}/cancel`);
    await api.ok('POST', '/v1/bookings', body);
  });

  test('gives a slot that 64 clients want at once to exactly one', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const replies = await Promise.all(Array.from({ length: 64 }, () => api.call('POST', '/v1/bookings', body)));
    const statuses = replies.map((reply) => reply.status).sort();
    assert.deepEqual(statuses, [201, ...Array.from({ length: 63 }, () => 409)]);
    assert.equal((await api.outbox()).length, 1);
  });

  test('names every field that is missing, unknown or of the wrong type', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const post = (change: object) => api.call('POST', '/v1/bookings', { ...body, ...change });
    assertProblem(
      await api.call('POST', '/v1/bookings', {}),
      422,
      'company_id',
      'client_id',
      'specialist_id',
      'service_id',
      'starts_at',
    );
    const empty = await api.call('POST', '/v1/bookings', { client_id: null });
    const wording = Object.fromEntries(empty.body.errors.map((error: FieldError) => [error.field, error.detail]));
    assert.equal(wording.starts_at, 'is required');
    assert.equal(wording.client_id, 'must be a whole number');
    assertProblem(await api.call('POST', '/v1/bookings'), 422, 'body');
    assertProblem(await api.call('POST', '/v1/bookings', '[]'), 422, 'body');
    for (const starts_at of ['2026-12-28', '2026-12-28T14:00:00', '2026-02-30T14:00:00Z', 'soon', 1, null])
      assertProblem(await post({ starts_at }), 422, 'starts_at');
    assertProblem(await post({ starts_at: '2037-01-01T00:00:00Z' }), 422, 'starts_at');
    for (const duration_min of [0, -5, 1441, 1.5, '60', null])
      assertProblem(await post({ duration_min }), 422, 'duration_min');
    for (const client_id of [0, -1, 1.5, 2 ** 31, 2 ** 60, '1', null, true])
      assertProblem(await post({ client_id }), 422, 'client_id');
    assertProblem(await post({ allow_overlap: 'yes', notify: 1 }), 422, 'allow_overlap', 'notify');
    assertProblem(await post({ external_id: '' }), 422, 'external_id');
    assertProblem(await post({ status: 'completed', version: 7 }), 422, 'status', 'version');
    const polluted = `{"__proto__":{"role":"admin"},${JSON.stringify(body).slice(1)}`;
    assertProblem(await api.call('POST', '/v1/bookings', polluted), 422, '__proto__');
    assert.deepEqual(await api.outbox(), []);
  });

  test('refuses references to nothing, to another company or to the wrong role', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    const post = (change: object) => api.call('POST', '/v1/bookings', { ...bookingBody(salon), ...change });
    assertProblem(await post({ company_id: 999 }), 422, 'company_id');
    for (const field of ['client_id', 'specialist_id', 'service_id', 'location_id'] as const) {
      assertProblem(await post({ [field]: 999 }), 422, field);
      assertProblem(await post({ [field]: other[field] }), 422, field);
    }
    assertProblem(await post({ specialist_id: salon.client_id }), 422, 'specialist_id');
  });

  test('refuses an external id that the company has used', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const body = { ...bookingBody(salon), allow_overlap: true, external_id: 'A-1' };
    await api.ok('POST', '/v1/bookings', body);
    assertProblem(await api.call('POST', '/v1/bookings', body), 409, 'external_id');
    await api.ok('POST', '/v1/bookings', { ...bookingBody(await makeSalon(api)), external_id: 'A-1' });
  });
});

describe('the initiator headers', () => {
  test('become the initiator of the event, with the role of the user when none is given', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const body = { ...bookingBody(salon), allow_overlap: true };
    await api.ok('POST', '/v1/bookings', body, { 'x-initiated-by-user-id': String(salon.admin_id) });
    await api.ok('POST', '/v1/bookings/1/cancel', undefined, {
      'X-Initiated-By-User-Id': String(salon.client_id),
      'X-Initiated-By-Role': 'client',
      'X-Initiated-By-Channel': 'tg_bot',
    });
    await api.ok('POST', '/v1/bookings', body, { 'x-initiated-by-role': 'cron' });
    assert.deepEqual(
      (await api.outbox()).map((event) => event.initiated_by),
      [
        { user_id: salon.admin_id, role: 'admin', channel: 'api' },
        { user_id: salon.client_id, role: 'client', channel: 'tg_bot' },
        { user_id: null, role: 'cron', channel: 'api' },
      ],
    );
  });

  test('are refused by name when they cannot be', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    const post = (headers: Record<string, string>) => api.call('POST', '/v1/bookings', bookingBody(salon), headers);
    for (const bad of ['abc', '0', '-1', '1.5', ''])
      assertProblem(await post({ 'x-initiated-by-user-id': bad }), 400, 'X-Initiated-By-User-Id');
    assertProblem(await post({ 'x-initiated-by-role': 'boss' }), 400, 'X-Initiated-By-Role');
    assertProblem(await post({ 'x-initiated-by-channel': 'x'.repeat(65) }), 400, 'X-Initiated-By-Channel');
    assertProblem(await post({ 'x-initiated-by-user-id': '999' }), 422, 'X-Initiated-By-User-Id');
    assertProblem(await post({ 'x-initiated-by-user-id': String(other.admin_id) }), 422, 'X-Initiated-By-User-Id');
    assert.deepEqual(await api.outbox(), []);
  });
});
