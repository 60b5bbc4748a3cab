import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NEVER, useChannel } from './push-channel.fixture.ts';
import { answer, NOTIFICATION, OPTIONS, startPushServer, subscribe } from './push-server.fixture.ts';
import { generateVapidKeys } from './vapid-keys.ts';
import type { PushTarget } from './web-push-channel.ts';

const { now, reopen, send } = useChannel();

test('a message arrives encrypted for its device, with the token and the headers of RFC 8030', async () => {
  const { target, decrypt } = subscribe(now.server.host, now.opened.vapid, '/push/abc?d=1');
  assert.deepEqual(await send(target), { kind: 'accepted' });
  const [request] = now.server.requests;
  assert.ok(request);
  assert.deepEqual(JSON.parse(decrypt(request.body)), { web_push: 8030, notification: NOTIFICATION });
  const { authorization, ttl, urgency, topic, host } = request.headers;
  const { 'content-encoding': encoding, 'content-length': length } = request.headers;
  assert.equal(request.path, '/push/abc?d=1');
  assert.deepEqual([ttl, urgency, topic, encoding, host], ['60', 'high', 'topic-1', 'aes128gcm', now.server.host]);
  assert.equal(length, String(request.body.length));
  assert.match(String(authorization), new RegExp(`^vapid t=[\\w.-]+, k=${now.opened.vapid.publicKey}$`));
});

test('many messages share one token and few connections, which outlast a pause', async () => {
  const { target } = subscribe(now.server.host, now.opened.vapid);
  for (const pauseMs of [20, 0]) {
    await Promise.all(Array.from({ length: 100 }, () => send(target)));
    await sleep(pauseMs);
  }
  assert.equal(now.server.requests.length, 200);
  assert.equal(new Set(now.server.requests.map(({ headers }) => headers.authorization)).size, 1);
  assert.ok(now.server.handshakes <= 32, String(now.server.handshakes));
});

test('a message that waited for its turn lives for as much less, and after its end for no time', async () => {
  const { target } = subscribe(now.server.host, now.opened.vapid);
  now.server.answer = (request, response) => {
    now.opened.clock.now += 45_500;
    // Tried again with a new token, so that it is written twice.
    answer(403)(request, response);
  };
  await send(target);
  await send(target);
  assert.deepEqual(
    now.server.requests.map(({ headers }) => headers.ttl),
    ['60', '14', '0', '0'],
  );
});

test('the services are trusted by the authorities of the system alone unless another is named', async () => {
  await reopen({ ca: undefined });
  const result = await send();
  assert.equal(result.kind, 'channel_down');
  assert.equal(now.server.requests.length, 0);
  assert.match(String(now.opened.channel.trouble()), /^https:\/\/127\.0\.0\.1:\d+: web_push_unreachable: \w+$/);
});

describe('a stored subscription that is not allowed gets nothing', () => {
  const BAD: [string, (target: PushTarget) => Partial<PushTarget>, string, string][] = [
    ['another host', () => ({ endpoint: 'https://evil.example/x' }), 'refused', 'host_not_allowed'],
    ['a metadata service', () => ({ endpoint: 'https://169.254.169.254/latest' }), 'refused', 'host_not_allowed'],
    [
      'the same service without TLS',
      ({ endpoint }) => ({ endpoint: endpoint.replace('https', 'http') }),
      'refused',
      'not_https',
    ],
    ['a header in the path', ({ endpoint }) => ({ endpoint: `${endpoint}\r\nX-Evil: 1` }), 'refused', 'malformed'],
    ['a point off the curve', () => ({ p256dh: Buffer.alloc(65, 4).toString('base64url') }), 'refused', 'bad_p256dh'],
    ['a short secret', () => ({ auth: 'abc' }), 'refused', 'bad_auth'],
    [
      'another VAPID key',
      () => ({ vapid_key: generateVapidKeys().publicKey }),
      'key_mismatch',
      'the subscription was made with another VAPID key',
    ],
  ];
  for (const [name, change, kind, message] of BAD)
    test(name, async () => {
      const { target } = subscribe(now.server.host, now.opened.vapid);
      const result = await send({ ...target, ...change(target) });
      assert.equal(result.kind, kind);
      assert.equal(result.kind !== 'accepted' && result.failure.message, message);
      assert.equal(now.server.requests.length, 0);
      assert.equal(now.opened.channel.trouble(), null);
    });
});

describe('a public service whose name leads into the private network', () => {
  test('gets no connection: under a wildcard it is refused, by its own name it is in trouble', async () => {
    await reopen({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    const { target } = subscribe('web.push.apple.com', now.opened.vapid);
    assert.equal((await send(target)).kind, 'refused');
    assert.equal(now.opened.channel.trouble(), null);
    const fcm = subscribe('fcm.googleapis.com', now.opened.vapid).target;
    assert.equal((await send(fcm)).kind, 'channel_down');
    assert.match(String(now.opened.channel.trouble()), /fcm\.googleapis\.com: web_push_unreachable: private_address/);
  });
  test('a made-up host under a wildcard fails by itself, and is no trouble of the channel', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }));
    await reopen({ resolve });
    assert.equal((await send(subscribe('made-up.notify.windows.com', now.opened.vapid).target)).kind, 'failed');
    assert.equal(now.opened.channel.trouble(), null);
    assert.equal((await send(subscribe('fcm.googleapis.com', now.opened.vapid).target)).kind, 'channel_down');
  });
});

describe('a redirect', () => {
  for (const status of [301, 302, 303, 307, 308])
    test(`${status} is not followed`, async () => {
      const other = await startPushServer();
      now.server.answer = answer(status, { location: `https://${other.host}/inside` });
      const result = await send();
      await other.stop();
      assert.equal(result.kind, 'failed');
      assert.deepEqual([now.server.requests.length, other.requests.length], [1, 0]);
    });
});

describe('a message that is too large', () => {
  test('is shortened once', async () => {
    const { target, decrypt } = subscribe(now.server.host, now.opened.vapid);
    now.server.answer = (request, response) => {
      const size = Number(request.headers['content-length']);
      answer(size > 2000 ? 413 : 201)(request, response);
    };
    const long = { ...NOTIFICATION, body: 'Ж'.repeat(5000) };
    assert.deepEqual(await now.opened.channel.send(target, long, OPTIONS, NEVER), { kind: 'accepted' });
    const sizes = now.server.requests.map(({ body }) => Buffer.byteLength(decrypt(body)));
    assert.deepEqual(
      sizes.map((size) => size <= 1300),
      [false, true],
    );
  });
  test('but not a second time, nor when it was short already', async () => {
    now.server.answer = answer(413);
    const { target } = subscribe(now.server.host, now.opened.vapid);
    const long = await now.opened.channel.send(target, { ...NOTIFICATION, body: 'Ж'.repeat(5000) }, OPTIONS, NEVER);
    assert.deepEqual([long.kind, now.server.requests.length], ['too_large', 2]);
    assert.deepEqual([(await send()).kind, now.server.requests.length], ['too_large', 3]);
  });
  test('is not sent at all when its link alone does not fit', async () => {
    const { target } = subscribe(now.server.host, now.opened.vapid);
    const endless = { ...NOTIFICATION, navigate: `https://salon.example/${'x'.repeat(3000)}` };
    assert.equal((await now.opened.channel.send(target, endless, OPTIONS, NEVER)).kind, 'too_large');
    assert.equal(now.server.requests.length, 0);
  });
});

describe('a refused key', () => {
  for (const status of [401, 403])
    test(`${status} makes a new token, and one more attempt`, async () => {
      const accepted = new Set<string>();
      await send(); // the token in use has been accepted before
      now.server.answer = (request, response) => {
        const token = String(request.headers.authorization);
        const isFirst = accepted.size === 0;
        accepted.add(token);
        answer(isFirst ? status : 201)(request, response);
      };
      assert.deepEqual(await send(), { kind: 'accepted' });
      assert.equal(accepted.size, 2);
      assert.equal(now.opened.channel.trouble(), null);
      assert.deepEqual(now.opened.logged, []);
    });
});
