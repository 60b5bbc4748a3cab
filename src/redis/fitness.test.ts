import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createLog } from '../observability/log.ts';
import { connectRedis } from './connection.ts';
import { createRedisFitness } from './fitness.ts';
import { RedisUnfitError } from './server-check.ts';

const EVICTS = new RedisUnfitError('redis_evicts', 'Redis may evict keys');

/** The checks end one after another with what `verdicts` holds; those after them pass. */
function fitnessOf(t: TestContext, url: string, verdicts: Error[]) {
  const errors: unknown[] = [];
  const log = createLog('silent');
  log.error = (details: unknown) => void errors.push(details);
  const redis = connectRedis({ url, log: createLog('silent') });
  t.after(() => redis.disconnect());
  let checks = 0;
  const check = async (): Promise<void> => {
    const verdict = verdicts[checks];
    checks += 1;
    if (verdict) throw verdict;
  };
  return { fitness: createRedisFitness({ redis, check, log }), errors, checks: () => checks };
}

describe('the fitness of Redis', () => {
  test('stops the start when the server refuses the login, and names REDIS_URL', async (t) => {
    const server = await startTestRedis(t);
    await server.redis.config('SET', 'requirepass', 'secret');
    const { fitness } = fitnessOf(t, server.url, []);
    await assert.rejects(fitness.checkAtStart(), { code: 'redis_refuses', message: /^REDIS_URL is refused .+NOAUTH/ });
  });

  test('stops the start when the server that answers is unfit', async (t) => {
    const server = await startTestRedis(t);
    await assert.rejects(fitnessOf(t, server.url, [EVICTS]).fitness.checkAtStart(), EVICTS);
  });

  test('is looked at when a server comes that was away at the start, until it is found fit', async (t) => {
    const server = await startTestRedis(t);
    await server.kill();
    const { fitness, checks, errors } = fitnessOf(t, server.url, [new Error('gone again'), EVICTS]);
    await fitness.checkAtStart();
    assert.deepEqual([checks(), fitness.trouble()], [0, null]);
    for (const seen of [1, 2, 3]) {
      await server.start();
      await eventually(() => assert.equal(checks(), seen));
      assert.equal(fitness.trouble(), seen === 2 ? EVICTS.message : null);
      await server.kill();
    }
    assert.deepEqual(errors, [{ code: 'redis_evicts' }]);
    await server.start();
    await eventually(() => server.redis.ping());
    assert.equal(checks(), 3);
  });
});
