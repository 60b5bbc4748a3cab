import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDisturbances } from './schedule.ts';
import { createSeededRandom } from './seeded-random.ts';

const OPTIONS = { durationMs: 600_000, processes: 3, chats: 16, everyMs: 2500 };

test('a seed names a storm, in the order of time, that holds every kind of disturbance', () => {
  const plan = (seed: number) => planDisturbances(createSeededRandom(seed), OPTIONS);
  assert.deepEqual(plan(7), plan(7));
  assert.notDeepEqual(plan(7), plan(8));
  const times = plan(7).map(({ atMs }) => atMs);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.equal((times.at(-1) ?? 0) < OPTIONS.durationMs, true);
  assert.deepEqual([...new Set(plan(7).map(({ disturbance }) => disturbance.kind))].toSorted(), [
    'database_hold',
    'kill',
    'pause',
    'redis_kill',
    'redis_wipe',
    'restart',
    'telegram',
  ]);
});
