import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, startTestApi } from '#test/support/api.ts';
import { StreamUnavailable } from '../../dispatch/event-publisher.ts';

const EVENT = { type: 'booking_created', company_id: 1, booking_id: 7 };

describe('POST /v1/events', () => {
  test('completes one event and publishes it, without looking anything up', async (t) => {
    const api = await startTestApi(t, { clock: () => new Date('2026-11-23T10:00:00.999Z') });
    const reply = await api.call('POST', '/v1/events', EVENT);
    const [published] = api.published;
    assert.deepEqual([reply.status, reply.body], [202, { accepted: 1, ids: [published?.event.id] }]);
    assert.equal(published?.lane, 'p2p');
    assert.equal(
      JSON.stringify(published.event),
      JSON.stringify({
        id: reply.body.ids[0],
        ...EVENT,
        initiated_by: { user_id: null, role: 'system', channel: 'api' },
        ts: 1795428000,
        trace: published.event.trace,
      }).replace(/("id":"[^"]+"),("type":"\w+")/, '$1,$2'),
    );
  });

  test('takes an array with a lane, an id, a time, an initiator and a change each', async (t) => {
    const api = await startTestApi(t);
    const state = {
      starts_at: '2026-12-28T11:00:00.000Z',
      specialist_id: 1,
      service_id: 1,
      location_id: null,
      duration_min: 60,
    };
    const initiated_by = { user_id: 5, role: 'client', channel: 'web' };
    const whole = { ...EVENT, id: 'e-1', ts: 1, initiated_by, change: { version: 2, from: null, to: state } };
    const events = [
      { ...EVENT, lane: 'broadcast', id: 'b-1' },
      { ...whole, lane: 'p2p' },
      { ...EVENT, id: 'p-2' },
    ];
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const headers = { 'x-initiated-by-user-id': '9', 'x-initiated-by-role': 'admin', traceparent: trace };
    const { accepted, ids } = await api.ok('POST', '/v1/events', events, headers);
    assert.deepEqual([accepted, ids], [3, ['b-1', 'e-1', 'p-2']]);
    assert.deepEqual(
      api.published.map(({ lane, event }) => [lane, event.id]),
      [
        ['p2p', 'e-1'],
        ['p2p', 'p-2'],
        ['broadcast', 'b-1'],
      ],
    );
    assert.deepEqual(api.published[0]?.event, { ...whole, trace });
    assert.deepEqual(api.published[1]?.event.initiated_by, { user_id: 9, role: 'admin', channel: 'api' });
  });

  test('takes a user whose role is not told for the initiator all the same', async (t) => {
    const api = await startTestApi(t);
    await api.ok('POST', '/v1/events', EVENT, { 'x-initiated-by-user-id': '5' });
    assert.deepEqual(api.published[0]?.event.initiated_by, { user_id: 5, role: 'system', channel: 'api' });
  });

  test('takes a thousand events, not one more', async (t) => {
    const api = await startTestApi(t);
    const events = Array.from({ length: 1000 }, (_, n) => ({ ...EVENT, id: `e-${n}`.padEnd(128, 'x') }));
    assert.equal((await api.ok('POST', '/v1/events', events)).accepted, 1000);
    assertProblem(await api.call('POST', '/v1/events', [...events, EVENT]), 422, 'body');
    assertProblem(await api.call('POST', '/v1/events', []), 422, 'body');
  });

  test('publishes nothing of a request with one bad event, and names its field', async (t) => {
    const api = await startTestApi(t);
    const post = (body: unknown, headers = {}) => api.call('POST', '/v1/events', body, headers);
    assertProblem(await post({ ...EVENT, type: 'party' }), 422, 'type');
    assertProblem(await post([EVENT, { ...EVENT, booking_id: '7' }]), 422, '1.booking_id');
    assertProblem(await post({ ...EVENT, lane: 'fast' }), 422, 'lane');
    assertProblem(await post({ ...EVENT, colour: 1 }), 422, 'colour');
    assertProblem(
      await post({ ...EVENT, initiated_by: { user_id: 1, role: 'boss', channel: 'x' } }),
      422,
      'initiated_by.role',
    );
    assertProblem(await post({ ...EVENT, ts: -1, id: '' }), 422, 'id', 'ts');
    for (const body of ['null', '1', '"x"', '[[]]', '[null]']) assert.equal((await post(body)).status, 422);
    assertProblem(await post(undefined), 422, 'body');
    assertProblem(await post(EVENT, { authorization: 'Bearer no' }), 401);
    assertProblem(await api.call('GET', '/v1/events'), 405);
    assert.deepEqual(api.published, []);
  });

  test('takes nothing that only the scheduler may say', async (t) => {
    const api = await startTestApi(t);
    const own = { offset: 60, only_user: 5, step: 'call', merged: [2, 3], after: 'e-1', trace: 'x' };
    for (const [field, value] of Object.entries(own))
      assertProblem(await api.call('POST', '/v1/events', { ...EVENT, [field]: value }), 422, field);
    assertProblem(await api.call('POST', '/v1/events', [EVENT, { ...EVENT, only_user: 5 }]), 422, '1.only_user');
    assert.deepEqual(api.published, []);
  });

  test('says whose the ids are: those given may come again, those made here are known to nobody', async (t) => {
    const whose: string[] = [];
    const api = await startTestApi(t, {
      async publishEvents(lane, _, ids) {
        whose.push(`${lane} ${ids}`);
      },
    });
    await api.ok('POST', '/v1/events', [EVENT, { ...EVENT, lane: 'broadcast' }]);
    await api.ok('POST', '/v1/events', [EVENT, { ...EVENT, id: 'e-1' }]);
    await api.ok('POST', '/v1/events', EVENT, { 'idempotency-key': 'k1' });
    assert.deepEqual(whose, ['p2p made', 'broadcast made', 'p2p given', 'p2p given']);
  });

  test('answers 503 with Retry-After while the stream is away, and repeats its ids under one key', async (t) => {
    const batches: string[][] = [];
    const api = await startTestApi(t, {
      async publishEvents(_, events) {
        batches.push(events.map((event) => event.id));
        if (batches.length === 1) throw new StreamUnavailable('Redis is away');
      },
    });
    const key = { 'idempotency-key': 'k1' };
    const refused = await api.call('POST', '/v1/events', [EVENT, EVENT], key);
    assertProblem(refused, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    await api.ok('POST', '/v1/events', [EVENT, EVENT], key);
    await api.ok('POST', '/v1/events', [EVENT, EVENT], key);
    assert.equal(batches.length, 2);
    assert.deepEqual(batches[0], batches[1]);
    assert.equal(new Set(batches[0]).size, 2);
  });
});
