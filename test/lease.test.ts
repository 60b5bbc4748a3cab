import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '#streams/clock.ts';
import { acquireLease, LEASE_MS, type LeaseRequest } from '#streams/lease.ts';
import { eventually } from './support/eventually.ts';
import { startTestRedis, type TestRedis } from './support/redis.ts';

const log = pino({ level: 'silent' });
const take = (server: TestRedis, token: string, more: Partial<LeaseRequest> = {}) =>
  acquireLease({
    redis: server.redis,
    key: 'lease',
    epochKey: 'epoch',
    token,
    previous: null,
    fearless: true,
    clock: systemClock,
    log,
    ...more,
  });

test('is held by one token, and free again when it is released', async (t) => {
  const server = await startTestRedis(t);
  const held = await take(server, 'a');
  assert.equal(held?.token, 'a');
  assert.equal(await take(server, 'b'), null);
  await held?.release();
  const next = await take(server, 'b');
  assert.equal(next?.token, 'b');
  await next?.release();
});

test('passes at once from a holding of this process that is over to its next one', async (t) => {
  const server = await startTestRedis(t);
  const first = await take(server, 'a');
  const second = await take(server, 'b', { previous: first });
  assert.equal(second?.epoch, 2);
  assert.equal(second?.token, 'b');
  await first?.release();
  assert.equal(await server.redis.get('lease'), 'b', 'the old token releases nothing');
  await second?.release();
});

test('is renewed while it is held', async (t) => {
  const server = await startTestRedis(t);
  const held = await take(server, 'a');
  await server.redis.pexpire('lease', 2000);
  await new Promise((resolve) => setTimeout(resolve, 1800));
  assert.equal((await server.redis.pttl('lease')) > 2000, true);
  await held?.release();
});

test('tells its holder when it was wiped', async (t) => {
  const server = await startTestRedis(t);
  const held = await take(server, 'a');
  await server.flush();
  assert.ok(held, 'the lease was free');
  await once(held.lost, 'abort', { signal: AbortSignal.timeout(4000) });
});

test('tells its holder when the clock says that it may have run out, without asking Redis', async (t) => {
  const server = await startTestRedis(t);
  let now = 0;
  const held = await take(server, 'a', { clock: { ...systemClock, monotonicMs: () => now } });
  assert.ok(held, 'the lease was free');
  now = LEASE_MS;
  await once(held.lost, 'abort', { signal: AbortSignal.timeout(1000) });
});

test('after a wipe, waits until an owner from before must have given up by its own clock', async (t) => {
  const server = await startTestRedis(t);
  const began = performance.now();
  assert.equal(await take(server, 'a', { fearless: false }), null);
  assert.equal((await server.redis.pttl('lease')) > LEASE_MS - 1000, true);
  const held = await eventually(async () => {
    const lease = await take(server, 'b', { fearless: false });
    assert.equal(lease?.token, 'b');
    return lease;
  });
  assert.equal(performance.now() - began > LEASE_MS - 500, true);
  await held?.release();
});

test('after a wipe, its last owner goes on at once while its lease cannot have run out', async (t) => {
  const server = await startTestRedis(t);
  const first = await take(server, 'a');
  await server.flush();
  const second = await take(server, 'b', { previous: first, fearless: false });
  assert.equal(second?.token, 'b');
  await first?.release();
  await second?.release();
});

test('after a wipe, an owner whose lease has run out waits like everybody else', async (t) => {
  const server = await startTestRedis(t);
  const previous = { token: 'a', validUntil: () => performance.now() - 1 };
  await server.flush();
  assert.equal(await take(server, 'b', { previous, fearless: false }), null);
});
