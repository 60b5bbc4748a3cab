import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { calmHistory, orderlyHistory, stormyHistory } from './model/arbitraries.ts';
import { check } from './model/checker.ts';
import type { Chronicle } from './model/chronicle.ts';
import type { History } from './model/history.ts';
import { simulate } from './model/simulation.ts';
import { startTestRedis } from './support/redis.ts';

/**
 * Random histories of the engine in simulated time, over a real Redis. All are made from a fixed seed, so that the tests say
 * the same each time; `MODEL_RUNS=2000` runs so many of each kind from another seed each time:
 *
 *     MODEL_RUNS=2000 node --import tsx --test test/model.test.ts
 *
 * A failure tells the seed and the path of the shortest history it found, and what happened in it. To see that one again:
 *
 *     MODEL_SEED=… MODEL_PATH=… node --import tsx --test --test-name-pattern='come and go' test/model.test.ts
 */
const { MODEL_RUNS, MODEL_SEED, MODEL_PATH } = process.env;
const FIXED_SEED = 20_261_123;
/** Before the test runner's own patience ends, which would hide what was found. */
const SHRINK_WITHIN_MS = 90_000;

const seed = Number(MODEL_SEED ?? (MODEL_RUNS ? Date.now() % 2 ** 31 : FIXED_SEED));

describe('every history of the engine keeps the invariants', async () => {
  const server = await startTestRedis();

  const holds = async (t: TestContext, arbitrary: fc.Arbitrary<History>, runs: number) => {
    t.diagnostic(`seed ${seed}`);
    const property = fc.asyncProperty(arbitrary, async (history) => {
      const chronicle = await simulate(server.redis, history);
      const wrong = check(chronicle);
      assert.equal(wrong.length, 0, [...wrong, 'What happened, by simulated ms:', ...chronicle.trace].join('\n'));
    });
    await fc.assert(property, {
      seed,
      numRuns: Number(MODEL_RUNS ?? runs),
      includeErrorInReport: true,
      ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
      ...(MODEL_RUNS === undefined && { interruptAfterTimeLimit: SHRINK_WITHIN_MS }),
    });
  };

  test('while nothing happens but events', (t) => holds(t, calmHistory, 20));
  test('while processes come and go in order', (t) => holds(t, orderlyHistory, 20));
  test('while processes crash, stand still and lose their connections', (t) => holds(t, stormyHistory, 70));

  test('the same history happens in the same way twice', async () => {
    for (const history of fc.sample(stormyHistory, { seed, numRuns: 5 })) {
      const [once, again] = [await simulate(server.redis, history), await simulate(server.redis, history)];
      assert.deepEqual(toldOf(again), toldOf(once));
    }
  });
});

/** What happened, without the ids that Redis gave. */
const toldOf = ({ trace }: Chronicle): string[] => trace.map((line) => line.replace(/\d+-\d+/g, 'id'));
