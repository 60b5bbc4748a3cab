import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnectDelayMs, retryDelayMs } from './backoff.ts';

test('each failed attempt waits its own delay, the last one for all beyond', () => {
  assert.deepEqual(
    [1, 2, 3, 9].map((attempt) => retryDelayMs([1000, 10_000], attempt, 0)),
    [1000, 10_000, 10_000, 10_000],
  );
});

test('the delay is spread by up to a tenth, never shortened', () => {
  assert.equal(retryDelayMs([1000], 1, 0.999), 1100);
  assert.equal(retryDelayMs([1000], 1, 0), 1000);
});

test('without delays the retry is immediate', () => {
  assert.equal(retryDelayMs([], 1, 0.5), 0);
});

test('reconnecting slows down to two seconds', () => {
  assert.deepEqual([1, 2, 3, 7, 1000].map(reconnectDelayMs), [50, 100, 200, 2000, 2000]);
});
