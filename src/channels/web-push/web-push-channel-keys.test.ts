import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useChannel } from './push-channel.fixture.ts';
import { answer, subscribe } from './push-server.fixture.ts';
import { generateVapidKeys } from './vapid-keys.ts';

const MINUTE_MS = 60_000;
const { now, send } = useChannel();

const device = (path: string) => subscribe(now.server.host, now.opened.vapid, path).target;
const logged = () => now.opened.logged.map((line) => JSON.parse(line));

/** The service refuses the token for these paths, and takes it for the others. */
function refuse(...paths: string[]): void {
  now.server.answer = (request, response) => answer(paths.includes(request.url ?? '') ? 403 : 201)(request, response);
}

describe('a refused key', () => {
  test('is trouble of the channel until a message is taken, and one alert', async () => {
    now.server.answer = answer(403, {}, '{"reason":"BadJwtToken"}');
    for (let minutes = 0; minutes < 30; minutes += 1) {
      assert.equal((await send()).kind, 'key_refused');
      now.opened.clock.now += MINUTE_MS;
    }
    assert.match(String(now.opened.channel.trouble()), /web_push_403: {"reason":"BadJwtToken"}$/);
    assert.deepEqual(
      logged().map(({ level }) => level),
      [50],
    );
    now.server.answer = answer(201);
    assert.deepEqual(await send(), { kind: 'accepted' });
    assert.equal(now.opened.channel.trouble(), null);
    assert.equal(logged().length, 2);
    assert.doesNotMatch(now.opened.logged.join(), /push\/abc/);
  });

  for (const status of [401, 403])
    test(`${status} right after a message was taken is ours as well: a key is revoked from one moment to the next`, async () => {
      assert.deepEqual(await send(), { kind: 'accepted' });
      now.server.answer = answer(status);
      for (let minutes = 0; minutes < 20; minutes += 1) {
        for (const path of ['/push/abc', '/push/other']) assert.equal((await send(device(path))).kind, 'key_refused');
        now.opened.clock.now += MINUTE_MS;
      }
      assert.match(String(now.opened.channel.trouble()), new RegExp(`web_push_${status}`));
    });

  test('is the fault of the one subscription once others were taken after it was refused, and stops nobody', async () => {
    refuse('/bad');
    assert.equal((await send(device('/bad'))).kind, 'key_refused');
    now.opened.clock.now += MINUTE_MS / 2;
    assert.deepEqual(await send(device('/good')), { kind: 'accepted' });
    now.opened.clock.now += MINUTE_MS / 2;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const result = await send(device('/bad'));
      assert.ok(result.kind === 'failed' && result.failure.code === 'web_push_403');
      assert.equal(now.opened.channel.trouble(), null);
      now.opened.clock.now += 10_000;
    }
    // It alone.
    refuse('/bad', '/good');
    assert.equal((await send(device('/good'))).kind, 'key_refused');
  });

  test('is not the fault of a subscription because of what was on its way when it was refused', async () => {
    refuse('/bad');
    assert.equal((await send(device('/bad'))).kind, 'key_refused');
    now.opened.clock.now += 5000;
    assert.deepEqual(await send(device('/good')), { kind: 'accepted' });
    now.opened.clock.now += MINUTE_MS;
    assert.equal((await send(device('/bad'))).kind, 'key_refused');
  });

  test('is forgotten once the subscription is taken, and after ten minutes', async () => {
    refuse('/a', '/b');
    for (const path of ['/a', '/b']) assert.equal((await send(device(path))).kind, 'key_refused');
    refuse();
    now.opened.clock.now += MINUTE_MS;
    assert.deepEqual(await send(device('/a')), { kind: 'accepted' });
    refuse('/a', '/b');
    assert.equal((await send(device('/a'))).kind, 'key_refused');
    assert.equal((await send(device('/b'))).kind, 'failed');
    now.opened.clock.now += 10 * MINUTE_MS;
    assert.equal((await send(device('/b'))).kind, 'key_refused');
  });
});

test('that subscriptions belong to another key is told once', async () => {
  const { publicKey: vapid_key } = generateVapidKeys();
  for (const path of ['/a', '/b']) assert.equal((await send({ ...device(path), vapid_key })).kind, 'key_mismatch');
  assert.deepEqual(
    logged().map(({ level, msg }) => [level, msg]),
    [[50, 'Subscriptions made with other VAPID keys get nothing: were the keys changed?']],
  );
});
