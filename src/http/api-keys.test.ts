import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { eventually } from '#test/support/eventually.ts';
import { assertCode, makeKey } from '#test/support/keys.ts';
import { openLive, refusedLive } from '#test/support/live-client.ts';
import { ApiKey } from '../db/api-key-entity.ts';
import { revokeApiKey } from '../db/api-keys.ts';
import { findRow } from '../db/rows.ts';
import { SCOPES } from '../domain/scopes.ts';
import { newApiKey } from '../keys/api-key.ts';

async function open(t: TestContext, options: Parameters<typeof startTestApi>[1] = {}) {
  const api = await startTestApi(t, options);
  return { api, salon: await makeSalon(api) };
}

describe("a company's key", () => {
  test('books, moves, lists and cancels in its company', async (t) => {
    const { api, salon } = await open(t);
    const key = await makeKey(api, salon.company_id, { scopes: ['read', 'bookings:write'] });
    const booked = await key.call('POST', '/v1/bookings', bookingBody(salon));
    assert.equal(booked.status, 201);
    const path = `/v1/bookings/${booked.body.id}`;
    assert.equal((await key.call('PATCH', path, { duration_min: 30 })).body.duration_min, 30);
    assert.deepEqual((await key.call('GET', '/v1/bookings')).body.items.length, 1);
    assert.equal((await key.call('POST', `${path}/cancel`)).body.status, 'cancelled');
  });

  test('sees and changes its own company, and neither makes nor deletes any', async (t) => {
    const { api, salon } = await open(t);
    await makeSalon(api);
    const key = await makeKey(api, salon.company_id);
    const path = `/v1/companies/${salon.company_id}`;
    assert.deepEqual(
      (await key.call('GET', '/v1/companies')).body.items.map(({ id }: { id: number }) => id),
      [salon.company_id],
    );
    assert.equal((await key.call('PATCH', path, { name: 'Весна' })).body.name, 'Весна');
    assertCode(await key.call('DELETE', path), 403, 'forbidden');
    assertCode(await key.call('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' }), 403, 'forbidden');
  });

  test('opens a route only with its scope, and is told which one is missing', async (t) => {
    const { api, salon } = await open(t);
    const key = await makeKey(api, salon.company_id, { scopes: [] });
    const closed = api.routes().filter(({ auth }) => typeof auth === 'object' || auth === 'admin');
    assert.ok(closed.length > 40);
    for (const { method, path, auth } of closed) {
      if (path === '/v1/live') continue;
      const reply = await key.call(method, path.replace('{id}', '1'));
      assertCode(reply, 403, 'forbidden');
      if (typeof auth !== 'object') continue;
      assert.match(reply.body.detail, new RegExp(` ${auth.scope}$`));
      assert.ok(reply.headers.get('www-authenticate')?.includes(`scope="${auth.scope}"`));
    }
    const used = new Set(closed.flatMap(({ auth }) => (typeof auth === 'object' ? [auth.scope] : [])));
    assert.deepEqual([...used].sort(), [...SCOPES].sort());
  });

  test('is refused like any unknown one when it is revoked, expired, cut or changed', async (t) => {
    let now = new Date();
    const { api, salon } = await open(t, { clock: () => now });
    const unknown = await api.call('GET', '/v1/users', undefined, { authorization: `Bearer ${newApiKey()}` });
    assertProblem(unknown, 401);
    const revoked = await makeKey(api, salon.company_id);
    const expiring = await makeKey(api, salon.company_id, { expires_at: new Date(now.getTime() + 60_000) });
    const good = await makeKey(api, salon.company_id);
    assert.equal((await expiring.call('GET', '/v1/users')).status, 200);
    now = new Date(now.getTime() + 60_000);
    assert.deepEqual((await expiring.call('GET', '/v1/users')).body, unknown.body);

    await api.database.write((tx) => revokeApiKey(tx, revoked.id, now));
    const refused = () => revoked.call('GET', '/v1/users');
    const reply = await eventually(async () => {
      const last = await refused();
      assert.equal(last.status, 401);
      return last;
    }, 5_000);
    assert.deepEqual(reply.body, unknown.body);

    const { authorization } = good.headers;
    const last = authorization.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [authorization.slice(0, -1), `${authorization}A`, authorization.slice(0, -2) + last.repeat(2)])
      assert.deepEqual((await api.call('GET', '/v1/users', undefined, { authorization: wrong })).body, unknown.body);
    assert.equal((await good.call('GET', '/v1/users')).status, 200);
  });

  test('goes with its company', async (t) => {
    const { api } = await open(t);
    const company = await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' });
    const key = await makeKey(api, company.id);
    await api.ok('DELETE', `/v1/companies/${company.id}`);
    await eventually(async () => assert.equal((await key.call('GET', '/v1/users')).status, 401), 5_000);
  });

  test('has idempotency keys of its own', async (t) => {
    const { api, salon } = await open(t);
    const [a, b] = [await makeKey(api, salon.company_id), await makeKey(api, salon.company_id)];
    const service = { company_id: salon.company_id, name: 'x', duration_min: 5 };
    const post = (key: typeof a) => key.call('POST', '/v1/services', service, { 'idempotency-key': 'same' });
    const first = (await post(a)).body.id;
    assert.notEqual((await post(b)).body.id, first);
    const again = await post(a);
    assert.deepEqual([again.body.id, again.headers.get('idempotency-replayed')], [first, 'true']);
  });

  test('has its last use written down, beside the requests', async (t) => {
    const { api, salon } = await open(t);
    const key = await makeKey(api, salon.company_id);
    const lastUse = async () => (await findRow(api.database.read(), ApiKey, { id: key.id }))?.last_used_at;
    assert.equal(await lastUse(), null);
    await api.keys.stop();
    const at = await lastUse();
    assert.ok(at instanceof Date && Math.abs(Date.now() - at.getTime()) < 60_000);
  });

  test("opens its company's live feed, until it is revoked", async (t) => {
    const { api, salon } = await open(t);
    const other = await makeSalon(api);
    const key = await makeKey(api, salon.company_id);
    const foreign = await refusedLive(t, api.port, { query: `?company_id=${other.company_id}`, headers: key.headers });
    const missing = await refusedLive(t, api.port, { query: '?company_id=999', headers: key.headers });
    assert.deepEqual([foreign.status, foreign.body], [404, missing.body]);
    const clients = await Promise.all(
      Array.from({ length: 20 }, () =>
        openLive(t, api.port, { query: `?company_id=${salon.company_id}`, headers: key.headers }),
      ),
    );
    await api.database.write((tx) => revokeApiKey(tx, key.id, new Date()));
    for (const { closed } of clients) assert.equal((await closed).code, 4401);
  });
});
