import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';

const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('PATCH', () => {
  test('is a JSON merge patch: null removes, what is not named stays', async (t) => {
    const api = await startTestApi(t);
    const { client_id, company_id } = await makeSalon(api);
    const path = `/v1/users/${client_id}`;
    await api.ok('PATCH', path, { external_id: 'crm-1', tg_id: 5 });
    const before = await api.ok('GET', path);
    const types = ['application/merge-patch+json', 'Application/Merge-Patch+JSON; charset=utf-8', 'application/json'];
    for (const type of types) {
      await api.ok('PATCH', path, { phone: '+7', tg_id: 5 });
      const body = await api.ok('PATCH', path, { phone: null, tg_id: null }, { 'content-type': type });
      assert.deepEqual(body, { ...before, phone: null, tg_id: null }, type);
      assert.deepEqual(await api.ok('GET', path), body);
    }
    assert.equal((await api.ok('PATCH', `/v1/companies/${company_id}`, { name: 'B' }, MERGE)).name, 'B');
  });

  test('refuses, by its name, to remove what cannot be missing', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), external_id: 'b-1' });
    const patch = (path: string, body: unknown) => api.call('PATCH', path, body, MERGE);
    assertProblem(await patch(`/v1/users/${salon.client_id}`, { name: null, locale: null }), 422, 'name', 'locale');
    assertProblem(await patch(`/v1/bookings/${id}`, { starts_at: null }), 422, 'starts_at');
    assertProblem(await patch(`/v1/bookings/${id}`, { specialist_id: null }), 422, 'specialist_id');
    const { body } = await patch(`/v1/bookings/${id}`, { location_id: null, external_id: null });
    assert.deepEqual([body.location_id, body.external_id, body.version], [null, null, 2]);
    for (const whole of [null, [], 'x', 7])
      assertProblem(await patch(`/v1/bookings/${id}`, JSON.stringify(whole)), 422, 'body');
  });

  test('says which media types it takes', async (t) => {
    const api = await startTestApi(t);
    const { client_id } = await makeSalon(api);
    const path = `/v1/users/${client_id}`;
    const accepted = 'application/merge-patch+json, application/json';
    for (const type of ['application/json-patch+json', 'text/plain', 'application/merge-patch+json; charset=latin1']) {
      const reply = await api.call('PATCH', path, '{}', { 'content-type': type });
      assertProblem(reply, 415);
      assert.equal(reply.headers.get('accept-patch'), accepted);
    }
    const options = (asked: string) => api.call('OPTIONS', asked);
    assert.equal((await options(path)).headers.get('accept-patch'), accepted);
    assert.equal((await options('/v1/users')).headers.get('accept-patch'), null);
    const post = await api.call('POST', '/v1/users', '{}', MERGE);
    assertProblem(post, 415);
    assert.equal(post.headers.get('accept-patch'), null);
  });
});
