import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { type ApplicationServer, createApplicationServer } from './application-server.fixture.ts';
import type { Fault } from './faults.ts';
import { createPushService, type PushService, type RunningPushService } from './push-service.ts';
import type { VirtualBrowser, VirtualSubscription } from './virtual-browser.ts';

let service: PushService;
let push: RunningPushService;
let sender: ApplicationServer;
let browser: VirtualBrowser;
let subscription: VirtualSubscription;

before(async () => {
  service = createPushService();
  push = await service.start();
});
beforeEach(() => {
  sender = createApplicationServer(push);
  browser = push.createVirtualBrowser();
  subscription = browser.subscribe(sender.publicKey);
});
afterEach(() => {
  sender.close();
  push.clearFaults();
  push.clearRequests();
});
after(() => service.stop());

const fault = (kind: Fault, times = 1) => push.fault(subscription.endpoint, kind, { times });
const send = () => sender.send(subscription, 'hello');
const lastOutcome = () => push.requests().at(-1)?.outcome;

describe('a scripted answer', () => {
  const until = new Date('2026-12-01T10:00:00Z');
  const cases: [Fault, number, Record<string, string>][] = [
    [{ kind: 'not_found' }, 404, {}],
    [{ kind: 'gone' }, 410, {}],
    [{ kind: 'payload_too_large' }, 413, {}],
    [{ kind: 'unauthorized' }, 401, {}],
    [{ kind: 'forbidden' }, 403, {}],
    [{ kind: 'server_error' }, 500, {}],
    [{ kind: 'too_many_requests', retryAfter: 7 }, 429, { 'retry-after': '7' }],
    [{ kind: 'too_many_requests', retryAfter: until }, 429, { 'retry-after': 'Tue, 01 Dec 2026 10:00:00 GMT' }],
    [{ kind: 'unavailable' }, 503, {}],
    [{ kind: 'unavailable', retryAfter: 120 }, 503, { 'retry-after': '120' }],
    [{ kind: 'redirect', status: 301, location: 'http://10.0.0.1/' }, 301, { location: 'http://10.0.0.1/' }],
    [{ kind: 'redirect', status: 307, location: '/m/x' }, 307, { location: '/m/x' }],
    [{ kind: 'answer', status: 507, headers: { 'x-why': 'full' }, body: 'no' }, 507, { 'x-why': 'full' }],
  ];
  for (const [scripted, status, headers] of cases)
    test(`${scripted.kind} is answered with ${status} and nothing is delivered`, async () => {
      fault(scripted);
      const reply = await send();
      assert.equal(reply.status, status);
      for (const [name, value] of Object.entries(headers)) assert.equal(reply.headers[name], value);
      assert.equal(reply.headers['retry-after'], headers['retry-after']);
      assert.deepEqual(browser.notifications(), []);
      assert.equal(lastOutcome()?.accepted, false);
      assert.equal((await send()).status, 201);
    });

  test('another 2xx delivers', async () => {
    fault({ kind: 'answer', status: 202 });
    assert.equal((await send()).status, 202);
    assert.equal(browser.notifications().length, 1);
  });
});

describe('a broken answer', () => {
  /** Sends and gives up after a while; only that ends it. */
  async function assertEndless(): Promise<void> {
    const givingUp = AbortSignal.timeout(150);
    const draft = sender.draft(subscription, 'hello');
    await assert.rejects(sender.post(subscription.endpoint, draft, { signal: givingUp }));
    assert.equal(givingUp.aborted, true);
  }

  for (const kind of ['close_before', 'reset_before'] as const)
    test(`${kind} loses the message`, async () => {
      fault({ kind });
      await assert.rejects(send(), { code: 'ECONNRESET' });
      assert.deepEqual(browser.notifications(), []);
      assert.deepEqual(lastOutcome(), { status: 0, accepted: false, description: kind });
      assert.equal((await send()).status, 201);
    });

  test('reset_after loses only the answer', async () => {
    fault({ kind: 'reset_after' });
    await assert.rejects(send(), { code: 'ECONNRESET' });
    assert.equal(browser.notifications().length, 1);
    assert.deepEqual([lastOutcome()?.status, lastOutcome()?.accepted], [0, true]);
  });

  test('reset_after still refuses what the service refuses', async () => {
    fault({ kind: 'reset_after' });
    subscription.unsubscribe();
    assert.equal((await send()).status, 410);
  });

  test('garbage is no HTTP', async () => {
    fault({ kind: 'garbage' });
    await assert.rejects(send(), { code: /^HPE_/ });
  });

  test('hang never answers', async () => {
    fault({ kind: 'hang' });
    await assertEndless();
    assert.deepEqual(browser.notifications(), []);
  });

  test('slow delivers at once and answers late', async () => {
    fault({ kind: 'slow', ms: 150 });
    const started = performance.now();
    const sending = send();
    await push.until(() => browser.notifications().length === 1);
    assert.equal((await sending).status, 201);
    assert.equal(performance.now() - started >= 145, true);
  });

  test('a dripping body has a head and no end', async () => {
    fault({ kind: 'drip', part: 'body', everyMs: 10 });
    await assertEndless();
    assert.equal(browser.notifications().length, 1);
  });

  test('a dripping head never comes to its end, and delivers nothing with an error in it', async () => {
    fault({ kind: 'drip', part: 'head', everyMs: 10, status: 503 });
    await assertEndless();
    assert.deepEqual(browser.notifications(), []);
  });

  test('an endless body is sent for as long as somebody reads', async () => {
    fault({ kind: 'endless_body', status: 404 });
    await assertEndless();
    assert.deepEqual(browser.notifications(), []);
    assert.equal((await send()).status, 201);
  });
});

describe('the script of faults', () => {
  test('hits one subscription and spares the others', async () => {
    fault({ kind: 'server_error' });
    assert.equal((await sender.send(browser.subscribe(sender.publicKey), 'x')).status, 201);
    assert.equal((await send()).status, 500);
  });

  test('runs out after as many requests as it was given, one fault after the other', async () => {
    fault({ kind: 'unavailable' }, 2);
    fault({ kind: 'gone' });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await send()).status);
    assert.deepEqual(statuses, [503, 503, 410, 201]);
  });

  test('hits every subscription until it is cleared or taken back', async () => {
    const takeBack = push.fault('all', { kind: 'gone' });
    assert.equal((await send()).status, 410);
    takeBack();
    assert.equal((await send()).status, 201);
    push.fault('all', { kind: 'gone' });
    push.clearFaults('all');
    assert.equal((await send()).status, 201);
  });
});

test('stopping ends requests under way', async () => {
  const another = createPushService();
  const running = await another.start();
  const client = createApplicationServer(running);
  const target = running.createVirtualBrowser().subscribe(client.publicKey);
  running.fault(target.endpoint, { kind: 'drip', part: 'body' });
  const sending = client.send(target, 'x');
  await running.until(() => running.requests()[0]?.outcome);
  await Promise.all([assert.rejects(sending), another.stop()]);
  client.close();
});
