import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { IdempotencyKey } from '../db/entities.ts';
import { deleteExpiredIdempotencyKeys } from './idempotency.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const withKey = (key: string) => ({ 'idempotency-key': key });

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
    assert.deepEqual([...new Set(replies.map((reply) => `${reply.status} ${reply.body.id}`))], ['201 1']);
    assert.equal(replies.filter((reply) => reply.headers.get('idempotency-replayed') === null).length, 1);
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
