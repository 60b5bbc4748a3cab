import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSalon, startTestApi } from '#test/support/api.ts';
import { assertCode, makeKey } from '#test/support/keys.ts';
import type { Caller } from './auth.ts';
import { createKeyLimits } from './key-limits.ts';

const caller = (key_id: number): Caller => ({
  kind: 'company',
  ...{ company_id: 1, key_id, scopes: new Set(), ended: new AbortController().signal },
});

const REQUESTS = { policy: 'key', what: 'requests' };

test('a key may send two seconds of requests at once, then its rate, each key for itself', () => {
  let now = 5_000;
  const limits = createKeyLimits({ ...REQUESTS, perSecond: 10 }, () => now);
  const take = (key: number, times: number) =>
    Array.from({ length: times }, () => limits.take(caller(key))).filter(({ problem }) => !problem).length;
  assert.equal(take(1, 50), 20);
  assert.equal(take(2, 50), 20);
  now += 500;
  assert.equal(take(1, 50), 5);
  now += 3_600_000;
  assert.equal(take(1, 50), 20);
});

test('the headers tell the policy, what is left, and when all of it is there again', () => {
  let now = 0;
  const limits = createKeyLimits({ ...REQUESTS, perSecond: 10 }, () => now);
  const first = limits.take(caller(1));
  assert.deepEqual(first, { headers: { 'ratelimit-policy': '"key";q=20;w=2', ratelimit: '"key";r=19;t=1' } });
  for (let n = 0; n < 19; n += 1) limits.take(caller(1));
  const { headers, problem } = limits.take(caller(1));
  assert.deepEqual([headers.ratelimit, problem?.code], ['"key";r=0;t=2', 'too_many_requests']);
  assert.equal(problem?.headers['retry-after'], '1');
  now += 100;
  assert.equal(limits.take(caller(1)).problem, undefined);
});

test('the admin key, links and a limit of 0 know no bounds', () => {
  const admin = createKeyLimits({ ...REQUESTS, perSecond: 1 });
  const none = createKeyLimits({ ...REQUESTS, perSecond: 0 });
  for (let n = 0; n < 100; n += 1) {
    assert.deepEqual(admin.take({ kind: 'admin' }), { headers: {} });
    assert.deepEqual(none.take(caller(1)), { headers: {} });
  }
});

test('answers to a key carry the headers whatever they are, and a 429 says when to come again', async (t) => {
  const api = await startTestApi(t, { keyRequestsPerSecond: 5 });
  const { company_id } = await makeSalon(api);
  const key = await makeKey(api, company_id, { scopes: ['read'] });
  const replies = [];
  for (const path of ['/v1/users', '/v1/users/999', '/v1/users?x=1']) replies.push(await key.call('GET', path));
  replies.push(await key.call('POST', '/v1/users', {}));
  assert.deepEqual(
    replies.map(({ status, headers }) => [status, headers.get('ratelimit-policy')]),
    [200, 404, 400, 403].map((status) => [status, '"key";q=10;w=2']),
  );
  const burst = await Promise.all(Array.from({ length: 20 }, () => key.call('GET', '/v1/users')));
  const refused = burst.find(({ status }) => status === 429);
  assert.ok(refused);
  assertCode(refused, 429, 'too_many_requests');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.match(refused.headers.get('ratelimit') ?? '', /^"key";r=0;t=[12]$/);
  const admin = await Promise.all(Array.from({ length: 30 }, () => api.call('GET', '/v1/users')));
  assert.ok(admin.every(({ status, headers }) => status === 200 && headers.get('ratelimit') === null));
});

test('a request takes all that it asks for or nothing, and as much as one may bring is always there again', () => {
  let now = 0;
  const limits = createKeyLimits({ policy: 'events', what: 'events', perSecond: 100, atLeast: 1_000 }, () => now);
  assert.deepEqual(limits.take(caller(1), 600).headers, {
    'ratelimit-policy': '"events";q=1000;w=10',
    ratelimit: '"events";r=400;t=6',
  });
  const { headers, problem } = limits.take(caller(1), 1_000);
  assert.deepEqual([headers.ratelimit, problem?.headers['retry-after']], ['"events";r=400;t=6', '6']);
  assert.equal(limits.take(caller(1), 400).problem, undefined);
  now += 10_000;
  assert.equal(limits.take(caller(1), 1_000).problem, undefined);
});

test('events are counted one by one, beside the requests that bring them', async (t) => {
  const api = await startTestApi(t, { keyRequestsPerSecond: 100, keyEventsPerSecond: 1 });
  const { company_id } = await makeSalon(api);
  const key = await makeKey(api, company_id, { scopes: ['bookings:write', 'read'] });
  const events = (count: number) => Array(count).fill({ type: 'booking_created', company_id, booking_id: 1 });
  const first = await key.call('POST', '/v1/events', events(990));
  assert.equal(first.status, 202);
  assert.equal(first.headers.get('ratelimit-policy'), '"key";q=200;w=2, "events";q=1000;w=1000');
  assert.match(first.headers.get('ratelimit') ?? '', /^"key";r=\d+;t=\d+, "events";r=\d\d;t=9\d\d$/);
  const refused = await key.call('POST', '/v1/events', events(900));
  assertCode(refused, 429, 'too_many_requests');
  assert.match(refused.body.detail, /1 events a second/);
  assert.ok(Number(refused.headers.get('retry-after')) > 800, 'nothing of it is taken');
  assert.equal((await key.call('POST', '/v1/events', events(1)[0])).status, 202);
  assert.equal(api.published.length, 991);
  assert.match((await key.call('GET', '/v1/users')).headers.get('ratelimit') ?? '', /^"key";r=\d+;t=\d+$/);
  assert.equal((await api.call('POST', '/v1/events', events(1_000))).status, 202);
});
