import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { allowHosts } from './allowed-hosts.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { createPushOrigins, type PushOrigins } from './push-origins.ts';

const allowed = allowHosts();
const endpointAt = (host: string) => {
  const endpoint = checkEndpoint(`https://${host}/x`, allowed);
  assert.ok(typeof endpoint !== 'string');
  return endpoint;
};

let origins: PushOrigins;
beforeEach(() => {
  origins = createPushOrigins({ ca: undefined, resolve: async () => [] });
});
afterEach(() => origins.close());

test('the endpoints of one service share its connections', () => {
  const fcm = origins.of(endpointAt('fcm.googleapis.com'), 1);
  assert.equal(origins.of(endpointAt('FCM.googleapis.com:443'), 2), fcm);
  assert.equal(fcm.lastUsedAt, 2);
});

test('made-up hosts without number push out the idlest ones, not those in use or held', async () => {
  const busy = origins.of(endpointAt('busy.notify.windows.com'), 1);
  const held = origins.of(endpointAt('held.notify.windows.com'), 1);
  const idle = origins.of(endpointAt('idle.notify.windows.com'), 1);
  held.heldUntil = 1_000_000;
  let finish: () => void = () => assert.fail('not begun');
  const gate = new Promise<void>((done) => {
    finish = () => done();
  });
  const work = busy.limit(() => gate);
  for (let i = 0; i < 1000; i += 1) origins.of(endpointAt(`h${i}.notify.windows.com`), 2 + i);

  const names = [...origins.all()].map(({ name }) => name);
  assert.equal(names.length, 128);
  assert.ok(names.includes(busy.name) && names.includes(held.name) && !names.includes(idle.name));
  finish();
  await work;
});

test('a CA that is no certificate is an error', () => {
  assert.throws(() => createPushOrigins({ ca: 'nonsense', resolve: async () => [] }));
});
