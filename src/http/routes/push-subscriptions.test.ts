import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { assertProblem, makeSalon, startTestApi, VAPID_PUBLIC_KEY } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { allowHosts } from '../../channels/web-push/allowed-hosts.ts';
import { generateVapidKeys } from '../../channels/web-push/vapid-keys.ts';
import type { Database } from '../../db/database.ts';
import { PushSubscription, User } from '../../db/entities.ts';
import { findRow, findRows } from '../../db/rows.ts';

const subscription = (path: string) => ({
  endpoint: `https://push.test/${path}`,
  expirationTime: null,
  // A device's key is a point of the same curve.
  keys: { p256dh: generateVapidKeys().publicKey, auth: randomBytes(16).toString('base64url') },
});

async function open(t: TestContext, database?: Database) {
  let now = new Date('2026-11-23T10:00:00Z');
  const api = await startTestApi(t, { ...(database && { database }), clock: () => now });
  const salon = await makeSalon(api);
  const linkOf = (userId: number) => api.ok('POST', `/v1/users/${userId}/link`);
  const tokenOf = async (userId: number): Promise<string> => (await linkOf(userId)).subscribe_url.split('#')[1];
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    ...api,
    salon,
    linkOf,
    tokenOf,
    subscribe: (token: string, body: unknown, headers = {}) =>
      api.call('POST', '/v1/push-subscriptions', body, { ...as(token), ...headers }),
    unsubscribe: (token: string, body: unknown) => api.call('DELETE', '/v1/push-subscriptions', body, as(token)),
    get: (token: string) => api.call('GET', '/v1/push/invitation', undefined, as(token)),
    rows: () => findRows(api.database.read(), PushSubscription, {}, { orderBy: { id: 'asc' } }),
    pass: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
  };
}

describe('POST /v1/users/{id}/link', () => {
  test('invites a user for a week, with a token that no log of a server sees', async (t) => {
    const api = await open(t);
    const reply = await api.call('POST', `/v1/users/${api.salon.client_id}/link`, {});
    assert.equal(reply.status, 201);
    assert.deepEqual(Object.keys(reply.body), ['telegram_url', 'subscribe_url', 'expires_at']);
    assert.equal(reply.body.expires_at, '2026-11-30T10:00:00.000Z');
    assert.equal(reply.body.telegram_url, null);
    assert.match(reply.body.subscribe_url, /^https:\/\/salon\.example\/subscribe#[\w-]{48}$/);
    assertProblem(await api.call('POST', '/v1/users/999999/link'), 404);
    assertProblem(
      await api.call('POST', `/v1/users/${api.salon.client_id}/link`, undefined, { authorization: '' }),
      401,
    );
  });

  test('gives the same link again for the same Idempotency-Key', async (t) => {
    const api = await open(t);
    const ask = () => api.ok('POST', `/v1/users/${api.salon.client_id}/link`, undefined, { 'idempotency-key': 'k' });
    const first = await ask();
    api.pass(60_000);
    assert.deepEqual(await ask(), first);
  });
});

describe('GET /v1/push', () => {
  test('gives the public key to anyone, and the invitation to who was invited', async (t) => {
    const api = await open(t);
    const key = await api.call('GET', '/v1/push/public-key', undefined, { authorization: '' });
    assert.deepEqual([key.status, key.body], [200, { public_key: VAPID_PUBLIC_KEY }]);
    assert.deepEqual((await api.get(await api.tokenOf(api.salon.client_id))).body, {
      company_name: 'Салон',
      user_id: api.salon.client_id,
      user_name: 'Иван Петров',
      role: 'client',
      locale: 'ru',
      public_key: VAPID_PUBLIC_KEY,
    });
  });
});

describeOnEachDatabase('/v1/push-subscriptions', (databases) => {
  const openOn = async (t: TestContext) => await open(t, await databases.open(t));

  test('stores a subscription once, under the key of the server, and makes its user reachable', async (t) => {
    const api = await openOn(t);
    const { client_id, company_id } = api.salon;
    await api.database.write((tx) => tx.nativeUpdate(User, { id: client_id }, { web_push_unreachable: 'gone' }));
    const token = await api.tokenOf(client_id);
    const body = subscription('a');
    const first = await api.subscribe(token, body);
    assert.equal(first.status, 201);
    const { id, created_at, device_token, ...rest } = first.body;
    assert.deepEqual(rest, { company_id, user_id: client_id, endpoint: body.endpoint, vapid_key: VAPID_PUBLIC_KEY });
    assert.equal((await findRow(api.database.read(), User, { id: client_id }))?.web_push_unreachable, null);

    api.pass(1000);
    const renewed = { ...body, keys: subscription('').keys };
    const second = await api.subscribe(token, renewed);
    assert.deepEqual([second.status, second.body.id, second.body.created_at], [200, id, created_at]);
    const [row, ...others] = await api.rows();
    assert.deepEqual([others.length, row?.p256dh, row?.auth], [0, renewed.keys.p256dh, renewed.keys.auth]);
    // What the browser keeps outlives the link.
    api.pass(8 * 86_400_000);
    assertProblem(await api.subscribe(token, body), 401);
    assert.equal((await api.subscribe(device_token, body)).status, 200);
  });

  test('gives an endpoint to its newest user, of whatever company', async (t) => {
    const api = await openOn(t);
    const other = await makeSalon(api);
    const body = subscription('shared');
    const mine = await api.tokenOf(api.salon.client_id);
    const theirs = await api.tokenOf(other.client_id);
    await api.subscribe(mine, body);
    assert.equal((await api.subscribe(theirs, body)).status, 201);
    const rows = await api.rows();
    assert.deepEqual(
      rows.map(({ user_id, company_id }) => [user_id, company_id]),
      [[other.client_id, other.company_id]],
    );
    // Whose it was can no longer take it away.
    assert.equal((await api.unsubscribe(mine, { endpoint: body.endpoint })).status, 204);
    assert.equal((await api.rows()).length, 1);
    assert.equal((await api.unsubscribe(theirs, body)).status, 204);
    assert.equal((await api.unsubscribe(theirs, body)).status, 204);
    assert.deepEqual(await api.rows(), []);
  });

  test('keeps the twenty newest devices of a user', async (t) => {
    const api = await openOn(t);
    const token = await api.tokenOf(api.salon.client_id);
    const neighbour = await api.tokenOf(api.salon.specialist_id);
    await api.subscribe(neighbour, subscription('neighbour'));
    for (let n = 0; n < 22; n += 1) {
      api.pass(1000);
      await api.subscribe(token, subscription(String(n)));
    }
    const endpoints = (await api.rows()).map(({ endpoint }) => endpoint.slice('https://push.test/'.length));
    assert.deepEqual(endpoints, ['neighbour', ...Array.from({ length: 20 }, (_, n) => String(n + 2))]);
    await Promise.all(Array.from({ length: 10 }, (_, n) => api.subscribe(token, subscription(`at-once-${n}`))));
    assert.equal((await api.rows()).length, 21);
  });

  test('ends with its user', async (t) => {
    const api = await openOn(t);
    const token = await api.tokenOf(api.salon.client_id);
    await api.subscribe(token, subscription('a'));
    await api.ok('DELETE', `/v1/users/${api.salon.client_id}`);
    assert.deepEqual(await api.rows(), []);
    assertProblem(await api.subscribe(token, subscription('b')), 401);
    assertProblem(await api.get(token), 401);
  });
});

describe('/v1/push-subscriptions refuses', () => {
  test('every token that is not for it', async (t) => {
    const api = await open(t);
    const token = await api.tokenOf(api.salon.client_id);
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const bad of ['', 'test-admin-key', forged, token.slice(1), 'x'.repeat(4_000)]) {
      const reply = await api.subscribe(bad, subscription('a'));
      assertProblem(reply, 401);
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer/);
      assertProblem(await api.unsubscribe(bad, subscription('a')), 401);
    }
    for (const path of ['/v1/users', '/v1/bookings'])
      assertProblem(await api.call('GET', path, undefined, { authorization: `Bearer ${token}` }), 401);
    assert.deepEqual(await api.rows(), []);
  });

  test('endpoints and keys that must not be sent to', async (t) => {
    const api = await open(t);
    const token = await api.tokenOf(api.salon.client_id);
    const good = subscription('a');
    const offCurve = Buffer.alloc(65, 1);
    offCurve[0] = 4;
    for (const [change, ...fields] of [
      [{ endpoint: 'http://push.test/a' }, 'endpoint'],
      [{ endpoint: 'https://push.test:8443/a' }, 'endpoint'],
      [{ endpoint: 'https://u:p@push.test/a' }, 'endpoint'],
      [{ endpoint: 'https://169.254.169.254/latest' }, 'endpoint'],
      [{ endpoint: `https://push.test/${'a'.repeat(2048)}` }, 'endpoint'],
      [{ endpoint: 'a'.repeat(5000) }, 'endpoint'],
      [{ keys: { ...good.keys, p256dh: offCurve.toString('base64url') } }, 'keys.p256dh'],
      [{ keys: { ...good.keys, auth: 'AAAA' } }, 'keys.auth'],
      [{ keys: null }, 'keys'],
      [{ user_id: 1 }, 'user_id'],
      [{ vapid_key: 'x' }, 'vapid_key'],
    ] as const)
      assertProblem(await api.subscribe(token, { ...good, ...change }), 422, ...fields);
    assertProblem(await api.unsubscribe(token, undefined), 422, 'endpoint');
    assert.deepEqual(await api.rows(), []);
  });

  test('an address that leads into a private network', async (t) => {
    const { publicKey } = generateVapidKeys();
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }];
    const api = await startTestApi(t, { push: { publicKey, allowedHosts: allowHosts(), resolve } });
    const { client_id } = await makeSalon(api);
    const { subscribe_url } = await api.ok('POST', `/v1/users/${client_id}/link`);
    const body = { ...subscription(''), endpoint: 'https://web.push.apple.com/a' };
    const authorization = `Bearer ${subscribe_url.split('#')[1]}`;
    assertProblem(await api.call('POST', '/v1/push-subscriptions', body, { authorization }), 422, 'endpoint');
  });
});
