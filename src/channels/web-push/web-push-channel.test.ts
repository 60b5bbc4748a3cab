import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#test/support/eventually.ts';
import {
  answer,
  NOTIFICATION,
  OPTIONS,
  openChannel,
  type PushServer,
  requestsEnded,
  startPushServer,
  subscribe,
} from './push-server.fixture.ts';
import { generateVapidKeys } from './vapid-keys.ts';
import type { PushTarget } from './web-push-channel.ts';

const NEVER = new AbortController().signal;

let server: PushServer;
let opened: ReturnType<typeof openChannel>;
const reopen = async (...options: Parameters<typeof openChannel> extends [unknown, ...infer O] ? O : never) => {
  await opened.channel.stop();
  opened = openChannel(server, ...options);
};
const send = (target: PushTarget = subscribe(server.host, opened.vapid).target, signal = NEVER) =>
  opened.channel.send(target, NOTIFICATION, OPTIONS, signal);

beforeEach(async () => {
  server = await startPushServer();
  opened = openChannel(server);
});
afterEach(async () => {
  await opened.channel.stop();
  await server.stop();
});

test('a message arrives encrypted for its device, with the token and the headers of RFC 8030', async () => {
  const { target, decrypt } = subscribe(server.host, opened.vapid, '/push/abc?d=1');
  assert.deepEqual(await send(target), { kind: 'accepted' });
  const [request] = server.requests;
  assert.ok(request);
  assert.deepEqual(JSON.parse(decrypt(request.body)), { web_push: 8030, notification: NOTIFICATION });
  const { authorization, ttl, urgency, topic, host } = request.headers;
  const { 'content-encoding': encoding, 'content-length': length } = request.headers;
  assert.equal(request.path, '/push/abc?d=1');
  assert.deepEqual([ttl, urgency, topic, encoding, host], ['60', 'high', 'topic-1', 'aes128gcm', server.host]);
  assert.equal(length, String(request.body.length));
  assert.match(String(authorization), new RegExp(`^vapid t=[\\w.-]+, k=${opened.vapid.publicKey}$`));
});

test('many messages share one token and few connections', async () => {
  const { target } = subscribe(server.host, opened.vapid);
  await Promise.all(Array.from({ length: 200 }, () => send(target)));
  assert.equal(server.requests.length, 200);
  assert.equal(new Set(server.requests.map(({ headers }) => headers.authorization)).size, 1);
  assert.ok(server.connections.size <= 32, String(server.connections.size));
});

test('the services are trusted by the authorities of the system alone unless another is named', async () => {
  await reopen({ ca: undefined });
  const result = await send();
  assert.equal(result.kind, 'channel_down');
  assert.equal(server.requests.length, 0);
  assert.match(String(opened.channel.trouble()), /^https:\/\/127\.0\.0\.1:\d+: web_push_unreachable: \w+$/);
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
      const { target } = subscribe(server.host, opened.vapid);
      const result = await send({ ...target, ...change(target) });
      assert.equal(result.kind, kind);
      assert.equal(result.kind !== 'accepted' && result.failure.message, message);
      assert.equal(server.requests.length, 0);
      assert.equal(opened.channel.trouble(), null);
    });
});

describe('a public service whose name leads into the private network', () => {
  test('gets no connection: under a wildcard it is refused, by its own name it is in trouble', async () => {
    await reopen({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    const { target } = subscribe('web.push.apple.com', opened.vapid);
    assert.equal((await send(target)).kind, 'refused');
    assert.equal(opened.channel.trouble(), null);
    const fcm = subscribe('fcm.googleapis.com', opened.vapid).target;
    assert.equal((await send(fcm)).kind, 'channel_down');
    assert.match(String(opened.channel.trouble()), /fcm\.googleapis\.com: web_push_unreachable: private_address/);
  });
  test('a made-up host under a wildcard fails by itself, and is no trouble of the channel', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }));
    await reopen({ resolve });
    assert.equal((await send(subscribe('made-up.notify.windows.com', opened.vapid).target)).kind, 'failed');
    assert.equal(opened.channel.trouble(), null);
    assert.equal((await send(subscribe('fcm.googleapis.com', opened.vapid).target)).kind, 'channel_down');
  });
});

describe('a redirect', () => {
  for (const status of [301, 302, 303, 307, 308])
    test(`${status} is not followed`, async () => {
      const other = await startPushServer();
      server.answer = answer(status, { location: `https://${other.host}/inside` });
      const result = await send();
      await other.stop();
      assert.equal(result.kind, 'failed');
      assert.deepEqual([server.requests.length, other.requests.length], [1, 0]);
    });
});

describe('a message that is too large', () => {
  test('is shortened once', async () => {
    const { target, decrypt } = subscribe(server.host, opened.vapid);
    server.answer = (request, response) => {
      const size = Number(request.headers['content-length']);
      answer(size > 2000 ? 413 : 201)(request, response);
    };
    const long = { ...NOTIFICATION, body: 'Ж'.repeat(5000) };
    assert.deepEqual(await opened.channel.send(target, long, OPTIONS, NEVER), { kind: 'accepted' });
    const sizes = server.requests.map(({ body }) => Buffer.byteLength(decrypt(body)));
    assert.deepEqual(
      sizes.map((size) => size <= 1300),
      [false, true],
    );
  });
  test('but not a second time, nor when it was short already', async () => {
    server.answer = answer(413);
    const { target } = subscribe(server.host, opened.vapid);
    const long = await opened.channel.send(target, { ...NOTIFICATION, body: 'Ж'.repeat(5000) }, OPTIONS, NEVER);
    assert.deepEqual([long.kind, server.requests.length], ['too_large', 2]);
    assert.deepEqual([(await send()).kind, server.requests.length], ['too_large', 3]);
  });
  test('is not sent at all when its link alone does not fit', async () => {
    const { target } = subscribe(server.host, opened.vapid);
    const endless = { ...NOTIFICATION, navigate: `https://salon.example/${'x'.repeat(3000)}` };
    assert.equal((await opened.channel.send(target, endless, OPTIONS, NEVER)).kind, 'too_large');
    assert.equal(server.requests.length, 0);
  });
});

describe('a refused key', () => {
  for (const status of [401, 403])
    test(`${status} makes a new token, and one more attempt`, async () => {
      const accepted = new Set<string>();
      await send(); // the token in use has been accepted before
      server.answer = (request, response) => {
        const token = String(request.headers.authorization);
        const isFirst = accepted.size === 0;
        accepted.add(token);
        answer(isFirst ? status : 201)(request, response);
      };
      assert.deepEqual(await send(), { kind: 'accepted' });
      assert.equal(accepted.size, 2);
      assert.equal(opened.channel.trouble(), null);
      assert.deepEqual(opened.logged, []);
    });

  test('twice is trouble of the channel until a message is taken', async () => {
    server.answer = answer(403, {}, '{"reason":"BadJwtToken"}');
    const result = await send();
    assert.equal(result.kind, 'key_refused');
    assert.equal(server.requests.length, 2);
    assert.match(String(opened.channel.trouble()), /web_push_403: {"reason":"BadJwtToken"}$/);
    server.answer = answer(201);
    await send();
    assert.equal(opened.channel.trouble(), null);
    assert.equal(opened.logged.length, 2);
    assert.doesNotMatch(opened.logged.join(), /push\/abc/);
  });

  test('that others accept is the fault of the one subscription', async () => {
    await send();
    server.answer = answer(403);
    assert.equal((await send()).kind, 'key_mismatch');
    assert.equal(opened.channel.trouble(), null);
    opened.clock.now += 11 * 60_000;
    assert.equal((await send()).kind, 'key_refused');
  });

  test('by name of another key is that, without a second attempt', async () => {
    const text =
      'the VAPID credentials in the authorization header do not correspond to the credentials used to create';
    server.answer = answer(403, {}, text);
    assert.equal((await send()).kind, 'key_mismatch');
    assert.equal(server.requests.length, 1);
    assert.equal(opened.channel.trouble(), null);
  });
});

describe('a service that wants to be left alone', () => {
  test('is, by all its subscriptions, for as long as it said', async () => {
    server.answer = answer(429, { 'retry-after': '30' });
    const results = await Promise.all([send(), send()]);
    assert.ok(results.every((result) => result.kind === 'rate_limited' && result.retryAfterMs === 30_000));
    const asked = server.requests.length;

    server.answer = answer(201);
    opened.clock.now += 10_000;
    const held = await send();
    assert.ok(held.kind === 'rate_limited' && held.retryAfterMs === 20_000);
    assert.equal(server.requests.length, asked);
    opened.clock.now += 20_000;
    assert.deepEqual(await send(), { kind: 'accepted' });
  });

  test('may name a date', async () => {
    server.answer = answer(503, { 'retry-after': new Date(opened.clock.now + 45_000).toUTCString() });
    const result = await send();
    assert.ok(result.kind === 'rate_limited' && result.retryAfterMs === 45_000);
  });

  test('is left alone by messages that were waiting for their turn, and others are not', async () => {
    const other = await startPushServer();
    server.answer = (request, response) => void setTimeout(() => answer(429)(request, response), 50);
    const results = await Promise.all(Array.from({ length: 100 }, () => send()));
    await other.stop();
    assert.ok(results.every(({ kind }) => kind === 'rate_limited'));
    assert.equal(server.requests.length, 32);
  });
});

describe('a connection', () => {
  test('that cannot be made means that nothing was sent', async () => {
    await server.stop();
    const result = await send();
    assert.ok(result.kind === 'channel_down' && result.failure.message === 'ECONNREFUSED');
    assert.match(String(opened.channel.trouble()), /ECONNREFUSED/);
    opened.clock.now += 6 * 60_000;
    assert.equal(opened.channel.trouble(), null, 'old news');
    server = await startPushServer();
  });

  test('that is reset after the request leaves the outcome unknown', async () => {
    server.answer = (request) => void request.socket.destroy();
    assert.equal((await send()).kind, 'unknown');
    assert.equal(server.requests.length, 1);
    assert.equal(opened.channel.trouble(), null);
  });

  test('is made anew after the service closed it', async () => {
    await send();
    for (const connection of server.connections) connection.end();
    await eventually(() => assert.equal(server.connections.size, 0));
    assert.deepEqual(await send(), { kind: 'accepted' });
  });
});

describe('the deadline', () => {
  test('is absolute, and leaves the outcome unknown once the request was written', async () => {
    await reopen({ sendDeadlineMs: 150 });
    server.answer = (_request, response) => {
      const drip = setInterval(() => response.writeProcessing(), 20);
      response.on('close', () => clearInterval(drip));
    };
    const started = performance.now();
    assert.equal((await send()).kind, 'unknown');
    assert.ok(performance.now() - started < 1000);
    await requestsEnded(server);
  });

  test('also ends the wait for a turn, of which nothing was sent', async () => {
    await reopen({ sendDeadlineMs: 1500 });
    server.answer = () => undefined;
    const results = await Promise.all(Array.from({ length: 40 }, () => send()));
    const kinds = results.map((result) => (result.kind === 'rate_limited' ? result.failure.code : result.kind));
    assert.equal(kinds.filter((kind) => kind === 'unknown').length, 32);
    assert.equal(kinds.filter((kind) => kind === 'web_push_busy').length, 8);
    server.answer = answer(201);
    assert.deepEqual(await send(), { kind: 'accepted' }, 'nothing is held for that');
    assert.equal(server.requests.length, 33);
  });
});

describe('calling off', () => {
  test('a signal ends what is on the way and what waits', async () => {
    server.answer = () => undefined;
    const controller = new AbortController();
    const sending = Array.from({ length: 40 }, () => send(undefined, controller.signal));
    await eventually(() => assert.equal(server.requests.length, 32));
    controller.abort();
    const kinds = (await Promise.all(sending)).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'unknown').length, 32);
    assert.equal(kinds.filter((kind) => kind === 'channel_down').length, 8);
    await requestsEnded(server);
    assert.equal(opened.channel.trouble(), null);
    assert.equal((await send(undefined, controller.signal)).kind, 'channel_down');
  });

  test('a stop ends all connections, and is no trouble; twice is once', async () => {
    server.answer = () => undefined;
    const sending = send();
    await eventually(() => assert.equal(server.requests.length, 1));
    await Promise.all([opened.channel.stop(), opened.channel.stop()]);
    assert.equal((await sending).kind, 'unknown');
    await eventually(() => assert.equal(server.connections.size, 0));
    const late = await send();
    assert.ok(late.kind === 'channel_down' && late.failure.code === 'web_push_stopped');
    assert.equal(opened.channel.trouble(), null);
  });

  test('a stop waits for no answer that drips', async () => {
    server.answer = (_request, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    const sending = send();
    await eventually(() => assert.equal(server.requests.length, 1));
    await sleep(50);
    await opened.channel.stop();
    assert.equal((await sending).kind, 'accepted');
  });
});
