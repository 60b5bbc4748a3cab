import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { startTestRedis } from '#test/support/redis.ts';
import { createLog, type Logger } from '../observability/log.ts';
import { connectRedis, reconnectDelay, socketPath, socketUrl } from './connection.ts';

/** A log that keeps its messages. */
function listeningLog(): { log: Logger; messages: string[] } {
  const messages: string[] = [];
  const log = createLog('silent');
  const keep = (_details: unknown, message: string) => void messages.push(message);
  log.info = keep as Logger['info'];
  log.warn = keep as Logger['warn'];
  return { log, messages };
}

function connected(t: TestContext, redis: Redis): Redis {
  t.after(() => redis.disconnect());
  return redis;
}

describe('a socket URL', () => {
  test('holds any path', () => {
    for (const path of ['/a/b.sock', '/with space/é.sock', '/odd?#%41.sock'])
      assert.equal(socketPath(socketUrl(path)), path);
  });

  test('may be written with two more slashes, and is no other URL', () => {
    assert.equal(socketPath('unix:///a/b.sock?db=2'), '/a/b.sock');
    assert.equal(socketPath('redis://127.0.0.1:6379'), null);
  });
});

test('the delay before a reconnect grows to a bound and is spread', () => {
  assert.equal(reconnectDelay(1, 1), 50);
  assert.equal(reconnectDelay(1, 0), 25);
  assert.equal(reconnectDelay(3, 1), 200);
  assert.equal(reconnectDelay(1_000_000, 1), 1_000);
});

/** Unlike `once` of node:events it is not put off by the error events of the attempts in between. */
function event(redis: Redis, name: string): Promise<void> {
  return new Promise((resolve) => redis.once(name, () => resolve()));
}

async function untilBlocked(redis: Redis): Promise<void> {
  while (!/^blocked_clients:1\r?$/m.test(await redis.info('clients'))) await setImmediate();
}

describe('a connection', () => {
  test('puts its prefix before keys and chooses the database of the URL', async (t) => {
    const server = await startTestRedis(t);
    const redis = connected(t, connectRedis({ url: `${server.url}?db=3`, keyPrefix: 'a:', log: createLog('silent') }));
    await redis.set('key', 'value');
    await server.redis.select(3);
    assert.equal(await server.redis.get('a:key'), 'value');
  });

  test('rejects a command in flight when the server dies, and never sends it again', async (t) => {
    const server = await startTestRedis(t);
    const redis = connected(t, connectRedis({ url: server.url, log: createLog('silent') }));
    await redis.ping();
    const inFlight = assert.rejects(redis.blpop('queue', 0));
    await untilBlocked(server.redis);
    await server.kill();
    await inFlight;
    const ready = event(redis, 'ready');
    await server.start();
    await ready;
    await redis.rpush('queue', 'item');
    assert.equal(await redis.llen('queue'), 1);
  });

  test('keeps the connection that follows one which closed before an answer', async (t) => {
    const server = await startTestRedis(t);
    const redis = connected(t, connectRedis({ url: server.url, log: createLog('silent') }));
    const inFlight = assert.rejects(redis.blpop('queue', 0));
    await untilBlocked(server.redis);
    await server.kill();
    await inFlight;
    const ready = event(redis, 'ready');
    await server.start();
    await ready;
    let closed = 0;
    redis.on('close', () => {
      closed += 1;
    });
    // Longer than a silent connection is kept.
    await sleep(4_500);
    assert.equal(closed, 0);
  });

  test('rejects at once while the server is away when it keeps no queue', async (t) => {
    const server = await startTestRedis(t);
    const redis = connected(t, connectRedis({ url: server.url, log: createLog('silent'), offlineQueue: false }));
    await event(redis, 'ready');
    const closed = event(redis, 'close');
    await server.kill();
    await closed;
    await assert.rejects(redis.set('key', 'value'));
  });

  test('rejects a command within seconds while the server stays away', { timeout: 5_000 }, async (t) => {
    const server = await startTestRedis(t);
    const redis = connected(t, connectRedis({ url: server.url, log: createLog('silent') }));
    await redis.ping();
    await server.kill();
    await assert.rejects(redis.set('key', 'value'), { code: 'redis_away', message: 'Redis is away' });
  });

  test('logs each change once, not each attempt', async (t) => {
    const server = await startTestRedis(t);
    const { log, messages } = listeningLog();
    const redis = connected(t, connectRedis({ url: server.url, log }));
    await redis.ping();
    await server.kill();
    for (let attempt = 0; attempt < 3; attempt += 1) await event(redis, 'reconnecting');
    assert.deepEqual(messages, ['Redis is away; reconnecting']);
    const ready = event(redis, 'ready');
    await server.start();
    await ready;
    assert.deepEqual(messages, ['Redis is away; reconnecting', 'Redis is back']);
  });
});
