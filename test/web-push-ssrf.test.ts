import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { allowHosts } from '#src/channels/web-push/allowed-hosts.ts';
import type { Resolve } from '#src/channels/web-push/guarded-lookup.ts';
import { REFUSED_ENDPOINTS } from '#src/channels/web-push/refused-endpoints.fixture.ts';
import { generateVapidKeys } from '#src/channels/web-push/vapid-keys.ts';
import { createWebPushChannel } from '#src/channels/web-push/web-push-channel.ts';
import { PushSubscription } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import { createLog } from '#src/observability/log.ts';
import { assertProblem, makeSalon, startTestApi } from './support/api.ts';

const vapid = { ...generateVapidKeys(), subject: 'mailto:admin@salon.example' };
const ALLOWED = allowHosts();

/** Asked for every name and every time, it answers the next of these, and the last for ever. */
function changing(...addresses: string[]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname);
    const address = addresses[Math.min(asked.length, addresses.length) - 1] ?? '';
    return [{ address, family: address.includes(':') ? 6 : 4 }];
  };
  return { resolve, asked };
}

async function open(t: TestContext, resolve: Resolve) {
  const api = await startTestApi(t, { push: { publicKey: vapid.publicKey, allowedHosts: ALLOWED, resolve } });
  const { client_id } = await makeSalon(api);
  const { subscribe_url } = await api.ok('POST', `/v1/users/${client_id}/link`);
  const authorization = `Bearer ${subscribe_url.split('#')[1]}`;
  const keys = { p256dh: generateVapidKeys().publicKey, auth: randomBytes(16).toString('base64url') };
  const subscribe = (endpoint: string) =>
    api.call('POST', '/v1/push-subscriptions', { endpoint, expirationTime: null, keys }, { authorization });
  return { subscribe, rows: () => findRows(api.database.read(), PushSubscription, {}) };
}

test('no notation of another address, port or host is stored as an endpoint, and nobody is looked up for it', async (t) => {
  const { resolve, asked } = changing('8.8.8.8');
  const { subscribe, rows } = await open(t, resolve);
  for (const [endpoint] of REFUSED_ENDPOINTS) assertProblem(await subscribe(endpoint), 422, 'endpoint');
  assert.deepEqual([await rows(), asked], [[], []]);
});

for (const inside of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1'])
  test(`a name that leads to ${inside} is not stored`, async (t) => {
    const { subscribe, rows } = await open(t, changing(inside).resolve);
    assertProblem(await subscribe('https://web.push.apple.com/a'), 422, 'endpoint');
    assert.deepEqual(await rows(), []);
  });

for (const [host, kind] of [
  ['web.push.apple.com', 'refused'],
  ['fcm.googleapis.com', 'channel_down'],
] as const)
  test(`${host}, which was public when it was stored and leads inside when it is sent to, gets no connection`, async (t) => {
    const { resolve, asked } = changing('8.8.8.8', '127.0.0.1');
    const { subscribe, rows } = await open(t, resolve);
    assert.equal((await subscribe(`https://${host}/a`)).status, 201);
    const [row] = await rows();
    assert.ok(row);

    const log = createLog('silent');
    const channel = createWebPushChannel({ vapid, allowedHosts: ALLOWED, clock: () => new Date(), log, resolve });
    t.after(() => channel.stop());
    const notification = { title: 't', body: 'b', navigate: 'https://salon.example/', tag: 'x', lang: 'ru' } as const;
    const options = { expiresAt: new Date(Date.now() + 60_000), urgency: 'high', topic: 'x' } as const;
    const result = await channel.send(row, notification, options, new AbortController().signal);
    assert.ok(result.kind === kind);
    assert.equal(result.failure.message, 'private_address');
    assert.deepEqual(asked, [host, host]);
  });
