import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { type ApplicationServer, createApplicationServer } from './application-server.fixture.ts';
import { connectFirefox } from './firefox-client.fixture.ts';
import { createPushService, type PushService, type RunningPushService } from './push-service.ts';

const HOUR_MS = 3_600_000;
/** Any valid keys: what Firefox decrypts is not looked at here. */
let keys: { p256dh: string; auth: string };
let service: PushService;
let push: RunningPushService;
let sender: ApplicationServer;
let clockOffset = 0;
const sockets = new Set<WebSocket>();

before(async () => {
  service = createPushService({ wallClock: () => Date.now() + clockOffset });
  push = await service.start();
  sender = createApplicationServer(push);
  ({ keys } = push.createVirtualBrowser().subscribe(sender.publicKey));
});
afterEach(() => {
  for (const socket of sockets) socket.terminate();
  sockets.clear();
  clockOffset = 0;
});
after(async () => {
  sender.close();
  await service.stop();
});

const connect = () => connectFirefox(push.websocketUrl, sockets);

async function greeted(uaid?: string) {
  const firefox = await connect();
  const hello = await firefox.ask({ messageType: 'hello', broadcasts: {}, use_webpush: true, uaid });
  return { ...firefox, hello, uaid: String(hello.uaid) };
}

async function subscribed() {
  const firefox = await greeted();
  const channelID = randomUUID();
  const { pushEndpoint } = await firefox.ask({ messageType: 'register', channelID, key: `${sender.publicKey}=` });
  return { ...firefox, channelID, subscription: { endpoint: String(pushEndpoint), keys } };
}

describe('Firefox', () => {
  test('is greeted with a uaid, which it keeps', async () => {
    const first = await greeted();
    assert.equal(first.socket.protocol, 'push-notification');
    const { uaid, ...rest } = first.hello;
    assert.match(String(uaid), /^[\da-f]{32}$/);
    assert.deepEqual(rest, { messageType: 'hello', status: 200, use_webpush: true, broadcasts: {} });
    await first.ask({ messageType: 'register', channelID: randomUUID(), key: sender.publicKey });
    assert.equal((await greeted(first.uaid)).uaid, first.uaid);
    assert.equal(await first.closed, 1000);
  });

  test('gets a new uaid for one that nobody knows', async () => {
    const { uaid } = await greeted('0'.repeat(32));
    assert.notEqual(uaid, '0'.repeat(32));
  });

  test('gets an endpoint for a channel, and a message as it was sent', async () => {
    const firefox = await subscribed();
    const draft = sender.draft(firefox.subscription, 'hello');
    const reply = await sender.post(firefox.subscription.endpoint, draft);
    assert.equal(reply.status, 201);
    const { version, ...notification } = await firefox.hear();
    assert.deepEqual(notification, {
      messageType: 'notification',
      channelID: firefox.channelID,
      data: draft.body?.toString('base64url'),
      headers: { encoding: 'aes128gcm' },
    });
    assert.equal(reply.headers.location, `${push.endpointOrigin}/m/${version}`);
    assert.equal(push.requests().at(-1)?.payload(), null);
  });

  test('gets no data for a message without a body', async () => {
    const firefox = await subscribed();
    await sender.send(firefox.subscription, null);
    const { version: _version, ...notification } = await firefox.hear();
    assert.deepEqual(notification, { messageType: 'notification', channelID: firefox.channelID });
  });

  test('is told of a key or a channel that cannot be', async () => {
    const firefox = await greeted();
    const channelID = randomUUID();
    for (const key of [undefined, 'AAAA'])
      assert.deepEqual(await firefox.ask({ messageType: 'register', channelID, key }), {
        messageType: 'register',
        channelID,
        status: 400,
        pushEndpoint: 'Failed to generate endpoint',
      });
    firefox.say({ messageType: 'register', channelID: channelID.toUpperCase(), key: sender.publicKey });
    assert.equal(await firefox.closed, 1002);
  });

  test('ends a subscription', async () => {
    const firefox = await subscribed();
    const { channelID } = firefox;
    assert.deepEqual(await firefox.ask({ messageType: 'unregister', channelID, code: 200 }), {
      messageType: 'unregister',
      channelID,
      status: 200,
    });
    assert.equal((await sender.send(firefox.subscription, 'x')).status, 410);
  });

  test('has its pings answered, and asks for broadcasts in vain', async () => {
    const firefox = await greeted();
    firefox.say({ messageType: 'broadcast_subscribe', broadcasts: { 'remote-settings/monitor_changes': '"1"' } });
    await firefox.hearsNothing();
  });

  test('says what became of a message', async () => {
    const firefox = await subscribed();
    const before = push.firefox.acknowledgements().length;
    await sender.send(firefox.subscription, 'one');
    await sender.send(firefox.subscription, 'two');
    const versions = [String((await firefox.hear()).version), String((await firefox.hear()).version)];
    const [one = '', two = ''] = versions;
    const updates = [{ channelID: firefox.channelID, version: one, code: 100 }];
    firefox.say({ messageType: 'ack', updates });
    firefox.say({ messageType: 'nack', version: two, code: 301 });
    const told = await push.until(() => {
      const all = push.firefox.acknowledgements().slice(before);
      return all.length === 2 && all;
    });
    assert.deepEqual(
      told.map(({ kind, messageId, code }) => [kind, messageId, code]),
      [
        ['ack', one, 100],
        ['nack', two, 301],
      ],
    );
  });
});

describe('Firefox coming back', () => {
  const leave = async (firefox: Awaited<ReturnType<typeof subscribed>>) => {
    const { socket, closed } = firefox;
    const others = push.firefox.connected() - 1;
    socket.close();
    await closed;
    await push.until(() => push.firefox.connected() === others);
  };

  test('gets what was sent meanwhile, the newest of a topic only', async () => {
    const firefox = await subscribed();
    await leave(firefox);
    await sender.send(firefox.subscription, 'created', { topic: 'booking' });
    const note = await sender.send(firefox.subscription, 'note');
    const moved = await sender.send(firefox.subscription, 'moved', { topic: 'booking' });
    const back = await greeted(firefox.uaid);
    const versions = [(await back.hear()).version, (await back.hear()).version];
    assert.deepEqual(
      versions.map((version) => `${push.endpointOrigin}/m/${version}`),
      [note.headers.location, moved.headers.location],
    );
    await back.hearsNothing();
  });

  test('gets again what it has not acknowledged, and nothing that it has', async () => {
    const firefox = await subscribed();
    const { channelID } = firefox;
    await sender.send(firefox.subscription, 'one');
    await sender.send(firefox.subscription, 'two');
    const { version: one } = await firefox.hear();
    const { version: two } = await firefox.hear();
    firefox.say({ messageType: 'ack', updates: [{ channelID, version: one }] });
    await firefox.hearsNothing();
    await leave(firefox);
    const back = await greeted(firefox.uaid);
    assert.equal((await back.hear()).version, two);
    await back.hearsNothing();
  });

  test('gets nothing that expired', async () => {
    const firefox = await subscribed();
    await leave(firefox);
    await sender.send(firefox.subscription, 'short', { TTL: 60 });
    await sender.send(firefox.subscription, 'now or never', { TTL: 0 });
    clockOffset = HOUR_MS;
    await (await greeted(firefox.uaid)).hearsNothing();
  });

  test('keeps its uaid when it was cut off, and loses it with its subscriptions when it was forgotten', async () => {
    const firefox = await subscribed();
    push.firefox.disconnectAll();
    await firefox.closed;
    const back = await greeted(firefox.uaid);
    assert.equal(back.uaid, firefox.uaid);
    push.firefox.forgetAll();
    await back.closed;
    assert.notEqual((await greeted(firefox.uaid)).uaid, firefox.uaid);
    assert.equal((await sender.send(firefox.subscription, 'x')).status, 410);
  });
});

describe('whoever is no Firefox', () => {
  for (const [what, message] of [
    ['speaks before the hello', '{"messageType":"register"}'],
    ['pings before the hello', '{}'],
    ['says no JSON', 'hello'],
    ['says something else', '{"messageType":"goodbye"}'],
  ] as const)
    test(`${what} and is shown out`, async () => {
      const stranger = await connect();
      stranger.say(message);
      assert.equal(await stranger.closed, 1002);
    });

  test('says hello twice and is shown out', async () => {
    const firefox = await greeted();
    firefox.say({ messageType: 'hello', uaid: firefox.uaid });
    assert.equal(await firefox.closed, 1002);
  });

  test('says far too much and is shown out', async () => {
    const stranger = await connect();
    stranger.say('x'.repeat(100_000));
    assert.equal(await stranger.closed, 1009);
  });

  test('does not ask for the subprotocol and gets none', async () => {
    const socket = new WebSocket(push.websocketUrl, 'chat');
    sockets.add(socket);
    const [error] = await once(socket, 'error');
    assert.match(String(error), /subprotocol/);
  });
});
