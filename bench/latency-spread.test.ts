import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spreadOf } from './latency-spread.ts';
import { percentile } from './rounds.ts';

test('of a thousand samples each percentile is the one of its rank', () => {
  const samples = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  assert.deepEqual(spreadOf(samples), { p50: 500, p90: 900, p99: 990, p999: 999, max: 1000 });
});

test('it agrees with the percentile of the tables, and leaves the samples as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 }), (samples) => {
      const before = [...samples];
      const { p50, p90, p99, p999, max } = spreadOf(samples);
      assert.deepEqual(
        [p50, p90, p99, p999, max],
        [0.5, 0.9, 0.99, 0.999, 1].map((share) => percentile(samples, share)),
      );
      assert.deepEqual(samples, before);
    }),
  );
});

test('nothing measured is no number', () => {
  assert.ok(Object.values(spreadOf([])).every(Number.isNaN));
});
