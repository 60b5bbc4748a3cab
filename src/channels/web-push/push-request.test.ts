import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Pool } from 'undici';
import { eventually } from '#test/support/eventually.ts';
import { startExpiry } from './expiry.ts';
import { postOnce } from './push-request.ts';
import { answer, type PushServer, requestsEnded, startPushServer } from './push-server.fixture.ts';

let server: PushServer;
let pool: Pool;

beforeEach(async () => {
  server = await startPushServer();
  pool = new Pool(`https://${server.host}`, { connections: 2, pipelining: 1, connect: { ca: server.ca } });
});
afterEach(async () => {
  await pool.destroy();
  await server.stop();
});

async function post(deadlineMs = 5000, path = '/x') {
  const expiry = startExpiry(new AbortController().signal, deadlineMs);
  const started = performance.now();
  const exchange = await postOnce(pool, { path, headers: ['ttl', '1'], body: Buffer.from('body') }, expiry);
  expiry.clear();
  return { exchange, tookMs: performance.now() - started };
}

test('the answer is its status, its Retry-After and its text', async () => {
  server.answer = answer(429, { 'retry-after': '7' }, 'slow down');
  const { exchange } = await post();
  assert.deepEqual(exchange, { kind: 'answered', status: 429, retryAfter: '7', text: 'slow down' });
});

test('answers before the answer are passed over', async () => {
  server.answer = (request, response) => {
    response.writeEarlyHints({ link: '</x>; rel=preload' });
    answer(410)(request, response);
  };
  assert.equal((await post()).exchange.kind, 'answered');
});

describe('a body of the answer', () => {
  const drip =
    (text: string, everyMs: number): RequestListener =>
    (_request, response) => {
      response.writeHead(201);
      const dripping = setInterval(() => response.write(text), everyMs);
      response.on('close', () => clearInterval(dripping));
    };

  test('that drips is not waited for: the status stands', async () => {
    server.answer = drip('x', 30);
    const { exchange, tookMs } = await post(10_000);
    assert.ok(exchange.kind === 'answered' && exchange.status === 201);
    assert.ok(tookMs < 3000, String(tookMs));
    await requestsEnded(server);
  });

  test('that does not end is cut off', async () => {
    let written = 0;
    server.answer = (_request, response) => {
      response.writeHead(500);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x'))) written += 16_384;
      };
      response.on('drain', pour);
      pour();
    };
    const { exchange, tookMs } = await post();
    assert.ok(exchange.kind === 'answered' && exchange.status === 500 && exchange.text.length <= 4096);
    assert.ok(tookMs < 900, String(tookMs));
    await requestsEnded(server);
    assert.ok(written < 64_000_000, String(written));
  });

  test('that breaks off leaves the status standing', async () => {
    server.answer = (_request, response) => {
      response.writeHead(404, { 'content-length': '100' });
      response.write('gone', () => response.destroy());
    };
    const { exchange } = await post();
    assert.ok(exchange.kind === 'answered' && exchange.status === 404);
  });
});

describe('no answer', () => {
  test('by the deadline is unanswered, and the connection goes', async () => {
    server.answer = () => undefined;
    const { exchange, tookMs } = await post(100);
    assert.deepEqual(exchange, { kind: 'unanswered', code: 'deadline' });
    assert.ok(tookMs < 1000);
    await requestsEnded(server);
  });

  test('but headers without end is unanswered', async () => {
    server.answer = (request) => {
      const { socket } = request;
      socket.write('HTTP/1.1 201 Created\r\n');
      const dripping = setInterval(() => socket.write(`X-${'a'.repeat(1000)}: b\r\n`), 2);
      socket.on('close', () => clearInterval(dripping));
    };
    const { exchange } = await post();
    assert.deepEqual(exchange, { kind: 'unanswered', code: 'UND_ERR_HEADERS_OVERFLOW' });
  });

  test('but nonsense is unanswered', async () => {
    server.answer = (request) => void request.socket.end('220 smtp.example ESMTP\r\n');
    assert.equal((await post()).exchange.kind, 'unanswered');
  });
});

test('a request that never got a connection is unsent, and stays so when one comes free', async () => {
  server.answer = () => undefined;
  const busy = [post(600), post(600)];
  await eventually(() => assert.equal(server.requests.length, 2));
  const { exchange } = await post(50);
  assert.deepEqual(exchange, { kind: 'unsent', code: 'deadline' });
  await Promise.all(busy);
  server.answer = answer(201);
  await post();
  assert.equal(server.requests.length, 3);
});

test('a request that is over before it began is unsent', async () => {
  const expiry = startExpiry(AbortSignal.abort(), 1000);
  const exchange = await postOnce(pool, { path: '/x', headers: [], body: Buffer.from('') }, expiry);
  assert.deepEqual(exchange, { kind: 'unsent', code: 'aborted' });
  assert.equal(server.requests.length, 0);
});
