import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventually } from '../support/eventually.ts';
import { startHostileApp } from './hostile-app.ts';
import { describedOperations, type Operation, requestTo } from './operations.ts';
import { openRaw, rawRequest } from './raw-socket.ts';
import { COMPANY, request } from './requests.ts';

const ROUNDS = 3;
const WARM_UP_ROUNDS = 2;
const SEED = 20_261_123;
/** What caches, statistics and compiled code may grow by, in bytes. */
const MAX_HEAP_GROWTH = 8_000_000;
/** Of all memory; the allocators keep some of what was freed. */
const MAX_RSS_GROWTH = 100_000_000;
const MAX_MORE_FILES = 5;
/** Housekeeping and reminders come and go. */
const MAX_MORE_TIMERS = 10;
const REST_WITHIN_MS = 30_000;
/** That of the app is shorter. */
const STOPS_WITHIN_MS = 20_000;

const socketLines = () => [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
];

/** Clients that leave in the middle of something. */
const ABANDONED: readonly (() => Buffer)[] = [
  () => Buffer.from('GET /v1/comp'),
  () => request('GET', '/v1/companies?limit=200'),
  () => request('GET', '/openapi.json'),
  () => request('POST', '/v1/companies', { body: COMPANY }),
  () => request('POST', '/v1/companies', { lines: ['Content-Length: 100000'], body: '{"name":"' }),
  () => request('POST', '/v1/events', { lines: ['Transfer-Encoding: chunked'], body: `ffff\r\n${'x'.repeat(30_000)}` }),
  () => request('POST', '/v1/companies', { body: 'x'.repeat(1_100_000) }),
  () => request('POST', '/v1/companies', { lines: ['Content-Length: 1', 'Content-Length: 2'], body: COMPANY }),
  () => request('GET', '/v1/live?company_id=1', { lines: socketLines() }),
  () =>
    Buffer.concat([request('GET', '/v1/live?company_id=1', { lines: socketLines() }), Buffer.from([0x81, 0xff, 0xff])]),
  () => Buffer.concat(Array.from({ length: 50 }, () => request('GET', '/v1/users'))),
  () => Buffer.concat([request('GET', '/healthz'), Buffer.from('\0\0\0\0')]),
];

async function abandon(port: number): Promise<void> {
  for (const bytes of ABANDONED)
    for (const way of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const connection = await openRaw(port);
      connection.send(bytes());
      await new Promise<void>((resolve) => connection.socket.write('', () => resolve()));
      connection.socket[way]();
      if (way === 'end') connection.socket.destroySoon();
    }
}

async function round(port: number, operations: readonly Operation[], seed: number): Promise<void> {
  for (const operation of operations)
    for (const bytes of fc.sample(requestTo(operation), { seed, numRuns: 2 })) await rawRequest(port, bytes);
  await abandon(port);
}

test('a storm of bad requests leaves neither memory, sockets, timers nor files behind, and the process stops in time', async (t) => {
  const app = await startHostileApp();
  const files = () => readdirSync(`/proc/${app.pid}/cwd/`, { recursive: true }).map(String).sort();
  await rawRequest(app.port, request('POST', '/v1/companies', { body: COMPANY }));
  const operations = await describedOperations(app.port);
  for (let n = 0; n < WARM_UP_ROUNDS; n += 1) await round(app.port, operations, SEED + n);
  const base = await app.measure();
  const filesBefore = files();
  for (let n = 0; n < ROUNDS; n += 1) await round(app.port, operations, SEED + 100 + n);

  await eventually(async () => {
    const now = await app.measure();
    assert.equal(now.heap < base.heap + MAX_HEAP_GROWTH, true, `${now.heap} bytes, once ${base.heap}`);
    assert.equal(now.rss < base.rss + MAX_RSS_GROWTH, true, `${now.rss} bytes, once ${base.rss}`);
    assert.equal(
      now.descriptors <= base.descriptors + MAX_MORE_FILES,
      true,
      `${now.descriptors} files, once ${base.descriptors}`,
    );
    for (const [type, count] of Object.entries(now.handles)) {
      const more = count - (base.handles[type] ?? 0);
      assert.equal(
        more <= (type === 'Timeout' ? MAX_MORE_TIMERS : MAX_MORE_FILES),
        true,
        `${count} ${type}, once ${base.handles[type]}`,
      );
    }
  }, REST_WITHIN_MS);
  const after = await app.measure();
  t.diagnostic(
    `heap ${(base.heap / 1e6).toFixed(1)} MB, then ${(after.heap / 1e6).toFixed(1)} MB; rss ${(base.rss / 1e6).toFixed(0)} MB, then ${(after.rss / 1e6).toFixed(0)} MB; files ${base.descriptors}, then ${after.descriptors}; ${JSON.stringify(after.handles)}`,
  );
  assert.deepEqual(files(), filesBefore);
  assert.equal(after.polluted, 'no');
  assert.deepEqual(app.failures(), []);

  assert.equal((await rawRequest(app.port, request('GET', '/v1/companies')))?.status, 200);
  const waiting = await Promise.all(Array.from({ length: 50 }, () => openRaw(app.port)));
  for (const { send } of waiting) send(request('POST', '/v1/companies', { lines: ['Content-Length: 100'], body: '{' }));
  const start = performance.now();
  assert.equal(await app.terminate(), 0);
  assert.equal(performance.now() - start < STOPS_WITHIN_MS, true);
  for (const { socket } of waiting) socket.destroy();
});
