import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { OPERATIONS } from '#src/http/openapi/areas.ts';
import { PROBLEM_CODES } from '#src/http/openapi/problems.ts';
import { API_KEY } from '../support/api.ts';
import { makeKey } from '../support/keys.ts';
import { type DescribedApi, startDescribedApi } from './described-api.ts';
import { examplesOf, walkOrder } from './walk.ts';

const KIB = 1024;

const keysWhere = (pattern: RegExp) => walkOrder().filter((key) => pattern.test(key));
const POSTS = keysWhere(/^POST/);

/** Each example of each POST: afterwards there is one of everything, and the first booking is cancelled. */
async function fill(api: DescribedApi): Promise<void> {
  for (const key of POSTS) for (const given of await examplesOf(api, key)) await api.send(key, given);
}

/** Every kind of refusal has a test below, or is none of an operation. */
const PROVOKED = new Set<string>(['method_not_allowed']);
const remember = (api: DescribedApi): void => {
  for (const code of api.provoked) PROVOKED.add(code);
};

test('every route refuses as described who may not call it, and what it cannot read', async (t) => {
  const api = await startDescribedApi(t);
  await fill(api);
  for (const key of keysWhere(/ \/v1\/(?!push\/public-key)/))
    await api.refused(key, 'unauthorized', { token: 'wrong' });
  for (const key of walkOrder()) {
    const [given] = await examplesOf(api, key);
    await api.refused(key, 'malformed_request', { ...given, query: { ...given?.query, no_such: 1 } });
  }
  for (const key of keysWhere(/\{id\}/)) {
    const [given] = await examplesOf(api, key);
    const id = key.includes('dead-letters') ? 'p2p:0:1-1' : 999_999;
    await api.refused(key, 'not_found', { ...given, params: { id } });
  }
  for (const key of keysWhere(/^(POST|PUT|PATCH)/)) {
    const [given] = await examplesOf(api, key);
    const limit = (key === 'POST /v1/events' ? 4 : 1) * KIB * KIB;
    const asText = { 'content-type': 'text/plain' };
    await api.refused(key, 'validation_failed', { ...given, body: { no_such: 1 } });
    await api.refused(key, 'unsupported_media_type', { ...given, body: 'x=1', headers: asText });
    await api.refused(key, 'payload_too_large', { ...given, body: ' '.repeat(limit + 1) });
  }
  remember(api);
});

test('every POST refuses as described an Idempotency-Key that came with another body', async (t) => {
  const api = await startDescribedApi(t);
  for (const [index, key] of POSTS.entries()) {
    if (OPERATIONS.get(key)?.operation.keepsNoAnswer) continue;
    const examples = await examplesOf(api, key);
    for (const given of examples.slice(0, -1)) await api.send(key, given);
    const given = { ...examples.at(-1), headers: { 'idempotency-key': `key-${index}` } };
    const first = await api.send(key, given);
    const again = await api.send(key, given);
    assert.deepEqual([again.text, again.headers.get('idempotency-replayed')], [first.text, 'true'], key);
    await api.refused(key, 'idempotency_key_reused', { ...given, body: `${JSON.stringify(given.body ?? {})} ` });
  }
  remember(api);
});

test('what has changed meanwhile, or is under way, is refused as described', async (t) => {
  const api = await startDescribedApi(t);
  await fill(api);
  const tagged = api.routes().filter((route) => route.tagged && /^(PUT|PATCH|DELETE)$/.test(route.method));
  assert.ok(tagged.length > 15, String(tagged.length));
  for (const { method, path } of tagged) {
    const key = `${method} ${path as `/${string}`}` as const;
    const [given] = await examplesOf(api, key);
    await api.refused(key, 'precondition_failed', { ...given, headers: { 'if-match': '"other"' } });
  }
  const hanging = new EventEmitter();
  api.faults.redisHangs = once(hanging, 'freed');
  const [given] = await examplesOf(api, 'POST /v1/events');
  const withKey = { ...given, headers: { 'idempotency-key': 'k' } };
  const first = api.send('POST /v1/events', withKey);
  // Of two with one key the later is refused; which one that is depends on who arrives first.
  const refused = await Promise.race([first, api.send('POST /v1/events', withKey)]);
  assert.equal(refused.json.code, 'idempotency_in_flight');
  hanging.emit('freed');
  remember(api);
});

test('what contradicts what is there is refused as described', async (t) => {
  const api = await startDescribedApi(t);
  await fill(api);
  await contradictBookings(api);
  await contradictUniqueness(api);
  for (const key of keysWhere(/broadcasts.*(pause|resume|retry-failed)$/)) await api.refused(key, 'broadcast_state');
  const erased = { params: { id: 3 } };
  await api.refused('PATCH /v1/users/{id}', 'user_erased', { ...erased, body: { name: 'Ольга' } });
  await api.refused('POST /v1/users/{id}/link', 'user_erased', erased);
  await api.send('PATCH /v1/notification-settings/{id}', { body: { ad_template_id: 1 } });
  for (const path of ['companies', 'users', 'services', 'locations', 'ad-templates'] as const)
    await api.refused(`DELETE /v1/${path}/{id}`, 'in_use', { params: { id: 1 } });
  remember(api);
});

async function contradictBookings(api: DescribedApi): Promise<void> {
  const at = (starts_at: string) => ({ company_id: 1, client_id: 1, specialist_id: 2, service_id: 1, starts_at });
  await api.send('POST /v1/bookings', { body: at('2027-01-11T09:00:00Z') });
  const { json: other } = await api.send('POST /v1/bookings', { body: at('2027-01-11T12:00:00Z') });
  const ofOther = { params: { id: other.id } };
  const overlapping = '2027-01-11T09:30:00Z';
  await api.refused('POST /v1/bookings', 'booking_overlap', { body: at(overlapping) });
  await api.refused('PATCH /v1/bookings/{id}', 'booking_overlap', { ...ofOther, body: { starts_at: overlapping } });
  const taken = { external_id: 'crm-7421' };
  await api.refused('POST /v1/bookings', 'already_exists', { body: { ...at('2027-01-12T09:00:00Z'), ...taken } });
  await api.refused('PATCH /v1/bookings/{id}', 'already_exists', { ...ofOther, body: taken });
  for (const key of keysWhere(/booking.*\/(cancel|complete|no-show)$/))
    await api.refused(key, 'booking_closed', { token: key.includes('/my/') ? api.bookingToken(1) : API_KEY });
  await api.refused('POST /v1/bookings/{id}/confirm', 'booking_closed');
  await api.refused('PATCH /v1/bookings/{id}', 'booking_closed', { body: { starts_at: '2027-01-13T09:00:00Z' } });
}

async function contradictUniqueness(api: DescribedApi): Promise<void> {
  const [client] = await examplesOf(api, 'POST /v1/users');
  const shave = (await examplesOf(api, 'POST /v1/services')).at(-1);
  const [setting] = await examplesOf(api, 'POST /v1/notification-settings');
  await api.refused('POST /v1/users', 'already_exists', client);
  await api.refused('POST /v1/services', 'already_exists', shave);
  await api.refused('POST /v1/notification-settings', 'already_exists', setting);
  await api.refused('PATCH /v1/users/{id}', 'already_exists', { params: { id: 4 }, body: { external_id: 'crm-15' } });
  await api.refused('PATCH /v1/services/{id}', 'already_exists', { body: { external_id: 'crm-s2' } });
  await api.refused('PATCH /v1/notification-settings/{id}', 'already_exists', { body: { channel: 'all' } });
}

test('a key that lacks a scope, or sends too much, is refused as described', async (t) => {
  const api = await startDescribedApi(t, { keyRequestsPerSecond: 2 });
  await fill(api);
  const { headers } = await makeKey(api, 1, { scopes: ['read'] });
  const codes = new Set<string>();
  while (codes.size < 2) codes.add((await api.send('POST /v1/services', { body: {}, headers })).json.code);
  assert.deepEqual(codes, new Set(['forbidden', 'too_many_requests']));
  remember(api);
});

test('faults of ours, bodies that stall and sockets that are none are refused as described', async (t) => {
  const api = await startDescribedApi(t, { bodyDeadlineMs: 50 });
  api.faults.redisIsAway = true;
  for (const key of keysWhere(/dead-letters|\/events$/))
    await api.refused(key, 'unavailable', (await examplesOf(api, key))[0]);
  api.faults.redisIsAway = false;
  api.faults.shelfIsBroken = true;
  for (const key of keysWhere(/dead-letters/))
    await api.refused(key, 'internal_error', (await examplesOf(api, key))[0]);
  await api.refused('GET /v1/live', 'upgrade_required');
  assert.equal(await stall(api.port), 408);
  remember(api);
  PROVOKED.add('request_timeout');
  assert.deepEqual(
    PROBLEM_CODES.filter((code) => !PROVOKED.has(code)),
    [],
  );
});

/** The status that answers a body of which only the first byte comes. */
async function stall(port: number): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json', 'content-length': 9 };
  const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/events', headers });
  sent.write('{');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    sent.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject);
  });
  sent.destroy();
  return status;
}
