import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatcher } from './batcher.ts';

test('flushes what came in one tick together, in order, and answers each item', async () => {
  const batches: number[][] = [];
  const batcher = createBatcher<number, number>({
    maxSize: 3,
    async flush(items) {
      batches.push(items);
      return items.map((item) => item * 10);
    },
  });
  const answers = await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
  assert.deepEqual(answers, [10, 20, 30, 40]);
  assert.deepEqual(batches, [[1, 2, 3], [4]]);
});

test('runs one flush at a time and gathers what comes meanwhile', async () => {
  let open = 0;
  const sizes: number[] = [];
  const batcher = createBatcher<number, undefined>({
    maxSize: 100,
    async flush(items) {
      open += 1;
      assert.equal(open, 1);
      sizes.push(items.length);
      if (sizes.length === 1) for (let n = 0; n < 5; n += 1) void batcher.add(n);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      return items.map(() => undefined);
    },
  });
  await batcher.add(0);
  await batcher.idle();
  assert.deepEqual(sizes, [1, 5]);
});

test('a failed flush rejects its own items only', async () => {
  const batcher = createBatcher<number, number>({
    maxSize: 1,
    async flush([item = 0]) {
      if (item === 2) throw new Error('two');
      return [item];
    },
  });
  const results = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
