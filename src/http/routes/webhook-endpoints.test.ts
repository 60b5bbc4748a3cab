import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, makeSalon, startTestApi } from '#test/support/api.ts';
import { makeKey } from '#test/support/keys.ts';

const URL = 'https://crm.example/hook';

test('an endpoint is made, read, changed and deleted; its secret is shown once', async (t) => {
  const api = await startTestApi(t);
  const { company_id } = await makeSalon(api);
  const path = '/v1/webhook-endpoints';
  const { secret, ...made } = await api.ok('POST', path, { company_id, url: URL });
  assert.match(secret, /^whsec_/);
  assert.equal(made.event_types.length, 4);
  const item = `${path}/${made.id}`;
  assert.deepEqual(await api.ok('GET', item), made);
  assert.deepEqual((await api.ok('GET', path)).items, [made]);
  const off = await api.ok('PATCH', item, { enabled: false, event_types: ['delivery.failed', 'delivery.failed'] });
  assert.deepEqual([off.enabled, off.disabled_reason, off.event_types], [false, 'switched_off', ['delivery.failed']]);
  assertProblem(await api.call('POST', `${item}/test`), 422, 'id');
  assertProblem(
    await api.call('POST', '/v1/webhook-messages/replay', { endpoint_id: made.id, ids: ['msg_1'] }),
    422,
    'endpoint_id',
  );
  assert.equal((await api.call('DELETE', item)).status, 204);
  assertProblem(await api.call('GET', item), 404);
});

test('what cannot be called is refused when it is made and when it is changed', async (t) => {
  const inside = async () => [{ address: '10.0.0.1', family: 4 as const }];
  let resolve = async () => [{ address: '8.8.8.8', family: 4 as const }];
  const api = await startTestApi(t, { webhooks: { allowedHosts: [], resolve: () => resolve() } });
  const { company_id } = await makeSalon(api);
  const make = (body: object) => api.call('POST', '/v1/webhook-endpoints', { company_id, url: URL, ...body });
  for (const url of ['http://crm.example/', 'https://127.0.0.1/', 'https://a:b@crm.example/', 'no url'])
    assertProblem(await make({ url }), 422, 'url');
  for (const event_types of [[], ['booking.created'], 'delivery.sent'])
    assert.equal((await make({ event_types })).status, 422);
  assertProblem(await make({ company_id: 999 }), 422, 'company_id');
  const { body } = await make({});
  resolve = inside;
  assertProblem(await make({}), 422, 'url');
  assertProblem(await api.call('PATCH', `/v1/webhook-endpoints/${body.id}`, { url: URL }), 422, 'url');
});

test('a repetition gets its stored answer, wherever the name leads by now', async (t) => {
  let address = '8.8.8.8';
  let looks = 0;
  const resolve = async () => {
    looks += 1;
    return [{ address, family: 4 as const }];
  };
  const api = await startTestApi(t, { webhooks: { allowedHosts: [], resolve } });
  const { company_id } = await makeSalon(api);
  const key = await makeKey(api, company_id);
  const make = () => key.call('POST', '/v1/webhook-endpoints', { company_id, url: URL }, { 'idempotency-key': 'one' });
  const made = await make();
  address = '10.0.0.1';
  const again = await make();
  assert.deepEqual([again.status, again.body, looks], [201, made.body, 1]);
});

test('a company has ten endpoints at most', async (t) => {
  const api = await startTestApi(t);
  const { company_id } = await makeSalon(api);
  for (let made = 0; made < 10; made += 1) await api.ok('POST', '/v1/webhook-endpoints', { company_id, url: URL });
  assertProblem(await api.call('POST', '/v1/webhook-endpoints', { company_id, url: URL }), 422, 'company_id');
});

test('a repeated POST with its key makes one endpoint, and one test', async (t) => {
  const api = await startTestApi(t);
  const { company_id } = await makeSalon(api);
  const key = await makeKey(api, company_id);
  const twice = async (path: string, body?: object) => {
    const headers = { 'idempotency-key': path };
    return [await key.call('POST', path, body, headers), await key.call('POST', path, body, headers)].map(
      (it) => it.body,
    );
  };
  const [made, again] = await twice('/v1/webhook-endpoints', { company_id, url: URL });
  assert.deepEqual(again, made);
  const [sent, sentAgain] = await twice(`/v1/webhook-endpoints/${made.id}/test`);
  assert.deepEqual(sentAgain, sent);
  const { items } = await api.ok('GET', `/v1/webhook-messages?endpoint_id=${made.id}&status=pending&type=webhook.test`);
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id),
    [sent.message_id],
  );
});
