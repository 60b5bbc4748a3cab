import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailedOutcome, nextStep } from './outcome.ts';

const failure = { code: 'x', message: 'y' };
const step = (outcome: FailedOutcome, attempt: number) => nextStep(outcome, attempt, 3, (n) => n * 100);

test('a failed attempt waits the delay of its number, and the third one is the last', () => {
  const failed: FailedOutcome = { kind: 'failed', failure };
  assert.deepEqual(step(failed, 1), { kind: 'wait', failure, delayMs: 100, attemptsUsed: 1 });
  assert.deepEqual(step(failed, 2), { kind: 'wait', failure, delayMs: 200, attemptsUsed: 2 });
  assert.deepEqual(step(failed, 3), { kind: 'bury', failure });
});

test('a deferred delivery gives its attempt back, also the last one', () => {
  const deferred: FailedOutcome = { kind: 'deferred', failure, delayMs: 7 };
  assert.deepEqual(step(deferred, 3), { kind: 'wait', failure, delayMs: 7, attemptsUsed: 2 });
});
