import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '#test/support/eventually.ts';
import { useChannel } from './push-channel.fixture.ts';
import { answer, requestsEnded, startPushServer } from './push-server.fixture.ts';

const { now, reopen, send } = useChannel();

describe('a service that wants to be left alone', () => {
  test('is, by all its subscriptions, for as long as it said', async () => {
    now.server.answer = answer(429, { 'retry-after': '30' });
    const results = await Promise.all([send(), send()]);
    assert.ok(results.every((result) => result.kind === 'rate_limited' && result.retryAfterMs === 30_000));
    const asked = now.server.requests.length;

    now.server.answer = answer(201);
    now.opened.clock.now += 10_000;
    const held = await send();
    assert.ok(held.kind === 'rate_limited' && held.retryAfterMs === 20_000);
    assert.equal(now.server.requests.length, asked);
    now.opened.clock.now += 20_000;
    assert.deepEqual(await send(), { kind: 'accepted' });
  });

  test('may name a date', async () => {
    now.server.answer = answer(503, { 'retry-after': new Date(now.opened.clock.now + 45_000).toUTCString() });
    const result = await send();
    assert.ok(result.kind === 'rate_limited' && result.retryAfterMs === 45_000);
  });

  test('is left alone by messages that were waiting for their turn, and others are not', async () => {
    const other = await startPushServer();
    now.server.answer = (request, response) => void setTimeout(() => answer(429)(request, response), 50);
    const results = await Promise.all(Array.from({ length: 100 }, () => send()));
    await other.stop();
    assert.ok(results.every(({ kind }) => kind === 'rate_limited'));
    assert.equal(now.server.requests.length, 32);
  });
});

describe('a connection', () => {
  test('that cannot be made means that nothing was sent', async () => {
    await now.server.stop();
    const result = await send();
    assert.ok(result.kind === 'channel_down' && result.failure.message === 'ECONNREFUSED');
    assert.match(String(now.opened.channel.trouble()), /ECONNREFUSED/);
    now.opened.clock.now += 6 * 60_000;
    assert.equal(now.opened.channel.trouble(), null, 'old news');
    now.server = await startPushServer();
  });

  test('that is reset after the request leaves the outcome unknown', async () => {
    now.server.answer = (request) => void request.socket.destroy();
    assert.equal((await send()).kind, 'unknown');
    assert.equal(now.server.requests.length, 1);
    assert.equal(now.opened.channel.trouble(), null);
  });

  test('is made anew after the service closed it', async () => {
    await send();
    for (const connection of now.server.connections) connection.end();
    await eventually(() => assert.equal(now.server.connections.size, 0));
    assert.deepEqual(await send(), { kind: 'accepted' });
  });
});

describe('the deadline', () => {
  test('is absolute, and leaves the outcome unknown once the request was written', async () => {
    await reopen({ sendDeadlineMs: 150 });
    now.server.answer = (_request, response) => {
      const drip = setInterval(() => response.writeProcessing(), 20);
      response.on('close', () => clearInterval(drip));
    };
    const started = performance.now();
    assert.equal((await send()).kind, 'unknown');
    assert.ok(performance.now() - started < 1000);
    await requestsEnded(now.server);
  });

  test('also ends the wait for a turn, of which nothing was sent', async () => {
    await reopen({ sendDeadlineMs: 1500 });
    now.server.answer = () => undefined;
    const results = await Promise.all(Array.from({ length: 40 }, () => send()));
    const kinds = results.map((result) => (result.kind === 'rate_limited' ? result.failure.code : result.kind));
    const count = (kind: string) => kinds.filter((each) => each === kind).length;
    const [sent, waited] = [count('unknown'), count('web_push_busy')];
    // The time of the last ends a moment after that of the first, whose turn is another's for that moment.
    assert.ok(sent >= 32 && waited > 0 && sent + waited === 40, `${sent} sent, ${waited} waited`);
    now.server.answer = answer(201);
    assert.deepEqual(await send(), { kind: 'accepted' }, 'nothing is held for that');
    assert.ok(now.server.requests.length <= sent + 1, `${now.server.requests.length} requests`);
  });
});

describe('calling off', () => {
  test('a signal ends what is on the way and what waits', async () => {
    now.server.answer = () => undefined;
    const controller = new AbortController();
    const sending = Array.from({ length: 40 }, () => send(undefined, controller.signal));
    await eventually(() => assert.equal(now.server.requests.length, 32));
    controller.abort();
    const kinds = (await Promise.all(sending)).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'unknown').length, 32);
    assert.equal(kinds.filter((kind) => kind === 'channel_down').length, 8);
    await requestsEnded(now.server);
    assert.equal(now.opened.channel.trouble(), null);
    assert.equal((await send(undefined, controller.signal)).kind, 'channel_down');
  });

  test('a stop ends all connections, and is no trouble; twice is once', async () => {
    now.server.answer = () => undefined;
    const sending = send();
    await eventually(() => assert.equal(now.server.requests.length, 1));
    await Promise.all([now.opened.channel.stop(), now.opened.channel.stop()]);
    assert.equal((await sending).kind, 'unknown');
    await eventually(() => assert.equal(now.server.connections.size, 0));
    const late = await send();
    assert.ok(late.kind === 'channel_down' && late.failure.code === 'web_push_stopped');
    assert.equal(now.opened.channel.trouble(), null);
  });

  test('a stop waits for no answer that drips', async () => {
    now.server.answer = (_request, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    const sending = send();
    await eventually(() => assert.equal(now.server.requests.length, 1));
    await sleep(50);
    await now.opened.channel.stop();
    assert.equal((await sending).kind, 'accepted');
  });
});
