import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Redis } from 'ioredis';
import { startTestRedis } from '#test/support/redis.ts';
import { createLog } from '../observability/log.ts';
import { checkRedisServer } from './server-check.ts';

const log = createLog('silent');

test('a server of today with noeviction passes', async (t) => {
  const { redis } = await startTestRedis(t);
  await checkRedisServer(redis, log);
});

test('a server that may evict keys is refused', async (t) => {
  const { redis } = await startTestRedis(t);
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await assert.rejects(checkRedisServer(redis, log), { code: 'redis_evicts', message: /allkeys-lru/ });
});

test('an old server is refused', async () => {
  const old = { info: async () => '# Server\r\nredis_version:6.2.14\r\n' } as unknown as Redis;
  await assert.rejects(checkRedisServer(old, log), { code: 'redis_too_old', message: /6\.2\.14/ });
});

test('a managed server that forbids the questions passes with warnings', async (t) => {
  const { redis, connect } = await startTestRedis(t);
  await redis.acl('SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-info', '-config');
  const limited = connect();
  await limited.auth('app', 'any');
  const warnings: unknown[] = [];
  const listening = createLog('silent');
  listening.warn = (details: unknown) => void warnings.push(details);
  await checkRedisServer(limited, listening);
  assert.equal(warnings.length, 2);
});
