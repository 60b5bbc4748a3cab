import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, percentile } from './rounds.ts';

const UNBOUNDED = { budgetMs: Number.POSITIVE_INFINITY, say: () => undefined };

test('a percentile is a sample that was measured', () => {
  const samples = [5, 1, 4, 2, 3];
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => percentile(samples, share)),
    [1, 3, 5, 5],
  );
  assert.equal(percentile([], 0.5), Number.NaN);
});

test('every second round runs the cases backwards', async () => {
  const order: string[] = [];
  const cases = ['a', 'b', 'c'].map((name) => ({
    name,
    run: async () => {
      order.push(name);
      return { calls: order.length };
    },
  }));
  const [first] = await alternate(cases, { ...UNBOUNDED, rounds: 3 });
  assert.equal(order.join(''), 'abccbaabc');
  assert.deepEqual(first?.figures.calls, { median: 6, min: 1, max: 7, samples: [1, 6, 7] });
});

test('no round begins that would end after the time is used up', async () => {
  let runs = 0;
  const slow = {
    name: 'slow',
    run: async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { n: runs };
    },
  };
  await alternate([slow], { rounds: 100, budgetMs: 100, say: () => undefined });
  assert.ok(runs >= 1 && runs < 5, `${runs} rounds`);
});
