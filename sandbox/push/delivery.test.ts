import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import webpush from 'web-push';
import { type ApplicationServer, createApplicationServer } from './application-server.fixture.ts';
import { createPushService, type PushService, type RunningPushService } from './push-service.ts';

const HOUR_MS = 3_600_000;

let service: PushService;
let push: RunningPushService;
let sender: ApplicationServer;
let clockOffset = 0;

before(async () => {
  service = createPushService({ wallClock: () => Date.now() + clockOffset });
  push = await service.start();
  sender = createApplicationServer(push);
});
after(async () => {
  sender.close();
  await service.stop();
});

describe('a virtual browser', () => {
  test('shows what web-push sent it', async () => {
    const browser = push.createVirtualBrowser();
    const subscription = browser.subscribe(sender.publicKey);
    const reply = await sender.send(subscription, 'привет', { TTL: 90, urgency: 'high', topic: 'booking-7' });
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.ttl, '90');
    assert.match(String(reply.headers.location), new RegExp(`^${push.endpointOrigin}/m/[\\w-]{32}$`));
    const [shown, ...more] = browser.notifications();
    assert.deepEqual(more, []);
    assert.equal(shown?.payload, 'привет');
    assert.equal(shown?.endpoint, subscription.endpoint);
    assert.deepEqual([shown?.urgency, shown?.topic, shown?.ttl], ['high', 'booking-7', 90]);
  });

  test('shows a message without a body', async () => {
    const browser = push.createVirtualBrowser();
    assert.equal((await sender.send(browser.subscribe(sender.publicKey), null)).status, 201);
    assert.deepEqual(
      browser.notifications().map(({ payload }) => payload),
      [null],
    );
  });

  test('calls those back who watch it, until they stop', async () => {
    const browser = push.createVirtualBrowser();
    const subscription = browser.subscribe(sender.publicKey);
    const seen: (string | null)[] = [];
    const stop = browser.onNotification(({ payload }) => void seen.push(payload));
    await sender.send(subscription, 'one');
    stop();
    await sender.send(subscription, 'two');
    assert.deepEqual(seen, ['one']);
  });

  test('drops what it cannot decrypt, while the service accepts it', async () => {
    const browser = push.createVirtualBrowser();
    const subscription = browser.subscribe(sender.publicKey);
    const stranger = push.createVirtualBrowser().subscribe(sender.publicKey);
    const reply = await sender.send({ ...subscription, keys: stranger.keys }, 'not for you');
    assert.equal(reply.status, 201);
    assert.deepEqual(browser.notifications(), []);
    assert.equal(browser.decryptionErrors().length, 1);
    assert.equal(push.requests().at(-1)?.payload(), null);
  });

  test('keeps the newest notifications only, and none unread', async () => {
    const browser = push.createVirtualBrowser({ keepNotifications: 2 });
    const blind = push.createVirtualBrowser({ reads: false });
    for (const payload of ['1', '2', '3']) {
      await sender.send(browser.subscribe(sender.publicKey), payload);
      assert.equal((await sender.send(blind.subscribe(sender.publicKey), payload)).status, 201);
    }
    assert.deepEqual(
      browser.notifications().map(({ payload }) => payload),
      ['2', '3'],
    );
    assert.deepEqual(blind.notifications(), []);
    browser.clearNotifications();
    assert.deepEqual(browser.notifications(), []);
  });

  test('answers 410 once unsubscribed, and its other subscriptions go on', async () => {
    const browser = push.createVirtualBrowser();
    const [left, other] = [browser.subscribe(sender.publicKey), browser.subscribe(sender.publicKey)];
    left.unsubscribe();
    const reply = await sender.send(left, 'too late');
    assert.equal(reply.status, 410);
    assert.equal(JSON.parse(reply.body).errno, 106);
    assert.equal((await sender.send(other, 'still here')).status, 201);
  });

  test('refuses a key that is no point', () => {
    assert.throws(() => push.createVirtualBrowser().subscribe('AAAA'), TypeError);
  });

  test('makes subscriptions by the ten thousand', () => {
    const browser = push.createVirtualBrowser();
    const started = performance.now();
    for (let n = 0; n < 10_000; n += 1) browser.subscribe(sender.publicKey).unsubscribe();
    const elapsedMs = performance.now() - started;
    assert.equal(elapsedMs < 2_000, true, `${elapsedMs} ms`);
  });
});

describe('a browser that is offline', () => {
  const offline = () => {
    const browser = push.createVirtualBrowser();
    browser.setOnline(false);
    const payloads = () => browser.notifications().map(({ payload }) => payload);
    return { browser, subscription: browser.subscribe(sender.publicKey), payloads };
  };

  test('gets what waited for it when it comes back, in order and once', async () => {
    const { browser, subscription, payloads } = offline();
    await sender.send(subscription, 'one');
    await sender.send(subscription, 'two');
    assert.deepEqual(payloads(), []);
    browser.setOnline(true);
    browser.setOnline(true);
    assert.deepEqual(payloads(), ['one', 'two']);
  });

  test('gets only the newest message of a topic of each subscription', async () => {
    const { browser, subscription, payloads } = offline();
    const other = browser.subscribe(sender.publicKey);
    await sender.send(subscription, 'created', { topic: 'booking' });
    await sender.send(subscription, 'note');
    await sender.send(other, 'created, elsewhere', { topic: 'booking' });
    await sender.send(subscription, 'rescheduled', { topic: 'booking' });
    browser.setOnline(true);
    assert.deepEqual(payloads(), ['note', 'created, elsewhere', 'rescheduled']);
  });

  test('never gets what expired meanwhile, or had no time to live', async (t) => {
    t.after(() => {
      clockOffset = 0;
    });
    const { browser, subscription, payloads } = offline();
    await sender.send(subscription, 'short', { TTL: 60 });
    await sender.send(subscription, 'now or never', { TTL: 0 });
    await sender.send(subscription, 'long', { TTL: 7_200 });
    clockOffset = HOUR_MS;
    browser.setOnline(true);
    assert.deepEqual(payloads(), ['long']);
  });

  test('gets nothing for a subscription that has ended', async () => {
    const { browser, subscription, payloads } = offline();
    await sender.send(subscription, 'x');
    subscription.unsubscribe();
    browser.setOnline(true);
    assert.deepEqual(payloads(), []);
  });
});

describe('the service', () => {
  test('records what was asked, with the payload and the end', async () => {
    push.clearRequests();
    const subscription = push.createVirtualBrowser().subscribe(sender.publicKey);
    const draft = sender.draft(subscription, 'for the record', { topic: 't' });
    await sender.post(subscription.endpoint, draft);
    const [record] = push.requests();
    assert.equal(record?.endpoint, subscription.endpoint);
    assert.equal(record?.bodyBytes, draft.body?.length);
    assert.equal(record?.payload(), 'for the record');
    assert.equal(record?.headers.topic, 't');
    assert.deepEqual([record?.outcome?.status, record?.outcome?.accepted], [201, true]);
  });

  test('is trusted only through its own authority, which it writes where it is told', async (t) => {
    const caFile = join(tmpdir(), `push-ca-${process.pid}.pem`);
    t.after(() => rm(caFile));
    const another = createPushService({ caFile, hostname: 'push.example.com' });
    t.after(() => another.stop());
    const running = await another.start();
    assert.match(running.endpointOrigin, /^https:\/\/push\.example\.com:\d+$/);
    assert.equal(await readFile(caFile, 'utf8'), running.ca);
    await assert.rejects(
      webpush.sendNotification(push.createVirtualBrowser().subscribe(sender.publicKey)),
      /certificate/,
    );
  });

  test('starts once and stops twice', async () => {
    const another = createPushService();
    assert.equal(await another.start(), await another.start());
    await another.stop();
    await another.stop();
  });

  test('stops before it has started', async () => {
    await createPushService().stop();
  });

  test('leaves nothing open when one of its ports is taken', async () => {
    const taken = Number(new URL(push.endpointOrigin).port);
    await assert.rejects(createPushService({ port: taken }).start(), { code: 'EADDRINUSE' });
    const gap = createPushService();
    const port = Number(new URL((await gap.start()).endpointOrigin).port);
    await gap.stop();
    await assert.rejects(createPushService({ port, websocketPort: taken }).start(), { code: 'EADDRINUSE' });
    const heir = createPushService({ port });
    await heir.start();
    await heir.stop();
  });

  test('can be an address instead of a name', async (t) => {
    const another = createPushService({ hostname: '127.0.0.1' });
    t.after(() => another.stop());
    const running = await another.start();
    const client = createApplicationServer(running);
    t.after(() => client.close());
    const reply = await client.send(running.createVirtualBrowser().subscribe(client.publicKey), 'x');
    assert.equal(reply.status, 201);
  });
});
