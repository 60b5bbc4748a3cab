import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, type Reply, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import type { Database } from '../db/database.ts';
import { IdempotencyKey } from '../db/event-entities.ts';
import { deleteExpiredIdempotencyKeys } from './idempotency.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
function assertInFlight(reply: Reply): void {
  assertProblem(reply, 409);
  assert.equal(reply.body.code, 'idempotency_in_flight');
  assert.match(reply.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
}

const withKey = (key: string) => ({ 'idempotency-key': key });

/** A place that may be shut: whoever comes then waits there. */
function holder() {
  let shut: EventEmitter | undefined;
  return {
    hold() {
      const gate = new EventEmitter();
      shut = gate;
      return {
        reached: once(gate, 'reached'),
        release() {
          shut = undefined;
          gate.emit('open');
        },
      };
    },
    async pass(): Promise<void> {
      if (!shut) return;
      const opened = once(shut, 'open');
      shut.emit('reached');
      await opened;
    },
  };
}

describe('Idempotency-Key', () => {
  test('replays the first answer to the letter, and acts once', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    const first = await api.call('POST', '/v1/bookings', body, withKey('k1'));
    await api.ok('POST', '/v1/bookings/1/cancel');
    const again = await api.call('POST', '/v1/bookings', body, withKey('k1'));
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.deepEqual(again.body, first.body);
    assert.equal(first.headers.get('idempotency-replayed'), null);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal((await api.ok('GET', '/v1/bookings')).items.length, 1);
  });

  test('makes one booking of many concurrent requests', async (t) => {
    const api = await startTestApi(t);
    const body = { ...bookingBody(await makeSalon(api)), allow_overlap: true };
    const replies = await Promise.all(
      Array.from({ length: 32 }, () => api.call('POST', '/v1/bookings', body, withKey('same'))),
    );
    const made = replies.filter((reply) => reply.status === 201);
    assert.deepEqual([...new Set(made.map((reply) => reply.body.id))], [1]);
    assert.equal(made.filter((reply) => reply.headers.get('idempotency-replayed') === null).length, 1);
    for (const reply of replies.filter((other) => !made.includes(other))) assertInFlight(reply);
    assert.equal((await api.outbox()).length, 1);
  });

  test('refuses the key for another body or another path', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    await api.ok('POST', '/v1/bookings', body, withKey('k1'));
    const other = await api.call('POST', '/v1/bookings', { ...body, notify: false }, withKey('k1'));
    assertProblem(other, 422, 'Idempotency-Key');
    assert.equal(other.body.code, 'idempotency_key_reused');
    assertProblem(await api.call('POST', '/v1/bookings/1/cancel', undefined, withKey('k1')), 422, 'Idempotency-Key');
  });

  test('stores no refusal, so that the request can be tried again', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    await api.ok('POST', '/v1/bookings', body);
    assertProblem(await api.call('POST', '/v1/bookings', body, withKey('k1')), 409, 'starts_at');
    await api.ok('POST', '/v1/bookings/1/cancel');
    assert.equal((await api.ok('POST', '/v1/bookings', body, withKey('k1'))).id, 2);
  });

  test('works on every POST', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const { company_id } = salon;
    await api.ok('POST', '/v1/bookings', bookingBody(salon));
    const posts: [string, object?][] = [
      ['/v1/companies', { name: 'B', time_zone: 'UTC' }],
      ['/v1/users', { company_id, role: 'client', name: 'C' }],
      ['/v1/ad-templates', { company_id, name: 'D', content_tg: 'E' }],
      ['/v1/bookings/1/complete'],
      ['/v1/events', { type: 'booking_created', company_id, booking_id: 1 }],
    ];
    for (const [path, body] of posts) {
      const first = await api.ok('POST', path, body, withKey(path));
      assert.deepEqual(await api.ok('POST', path, body, withKey(path)), first);
    }
    assert.equal(api.published.length, 1);
  });

  test('is refused when it is not visible ASCII of at most 255 characters', async (t) => {
    const api = await startTestApi(t);
    const body = bookingBody(await makeSalon(api));
    for (const key of ['a b', 'ключ'.replace(/./g, 'é'), 'x'.repeat(256)])
      assertProblem(await api.call('POST', '/v1/bookings', body, withKey(key)), 400, 'Idempotency-Key');
    await api.ok('POST', '/v1/bookings', body, withKey('x'.repeat(255)));
  });

  test('is refused while its first request is under way, wherever that one stands still', async (t) => {
    const held = holder();
    const database = await openTestDatabase(t);
    const write: Database['write'] = async (work) => {
      await held.pass();
      return await database.write(work);
    };
    const api = await startTestApi(t, { database: { ...database, write }, publishEvents: () => held.pass() });
    const salon = await makeSalon(api);
    const bodies: [string, object][] = [
      ['/v1/bookings', bookingBody(salon)],
      ['/v1/services', { company_id: salon.company_id, name: 'B', duration_min: 5 }],
      [`/v1/users/${salon.client_id}/link`, {}],
      ['/v1/events', { type: 'booking_created', company_id: salon.company_id, booking_id: 1 }],
    ];
    for (const [path, body] of bodies) {
      const post = (sent: object, key = path) => api.call('POST', path, sent, withKey(key));
      const { reached, release } = held.hold();
      const first = post(body);
      await reached;
      assertInFlight(await post(body));
      assertProblem(await post({ ...body, notify: false }), 422, 'Idempotency-Key');
      const other = post({}, 'bad');
      release();
      assert.notEqual((await other).body.code, 'idempotency_in_flight');
      const { status, body: answer } = await first;
      const again = await post(body);
      assert.deepEqual([again.status, again.body], [status, answer], path);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
    }
  });

  test('is free again after a day, and old answers are deleted', async (t) => {
    let now = new Date('2026-11-23T10:00:00.000Z');
    const api = await startTestApi(t, { clock: () => now });
    const body = { ...bookingBody(await makeSalon(api)), allow_overlap: true };
    await api.ok('POST', '/v1/bookings', body, withKey('k1'));
    await api.ok('POST', '/v1/bookings', body, withKey('k2'));
    assert.equal(await deleteExpiredIdempotencyKeys(api.database, now), 0);
    now = new Date(now.getTime() + DAY_MS);
    const again = await api.call('POST', '/v1/bookings', { ...body, notify: false }, withKey('k1'));
    assert.deepEqual([again.status, again.body.id], [201, 3]);
    assert.equal(await deleteExpiredIdempotencyKeys(api.database, now), 1);
    const left = await api.database.read().find(IdempotencyKey, {});
    assert.deepEqual(
      left.map(({ key }) => key),
      ['k1'],
    );
  });
});

describeOnEachDatabase('Idempotency-Key over two processes', (databases) => {
  test('makes one booking of each pair of requests', async (t) => {
    const [one, two] = await databases.openTwice(t);
    const apis = [await startTestApi(t, { database: one }), await startTestApi(t, { database: two })] as const;
    const body = { ...bookingBody(await makeSalon(apis[0])), allow_overlap: true };
    for (let round = 0; round < 5; round += 1) {
      const replies = await Promise.all(
        apis.map((api) => api.call('POST', '/v1/bookings', body, withKey(`k${round}`))),
      );
      assert.deepEqual(replies[0]?.body, replies[1]?.body);
      assert.deepEqual(
        replies.map((reply) => reply.status),
        [201, 201],
      );
    }
    assert.equal((await apis[0].ok('GET', '/v1/bookings')).items.length, 5);
  });
});
