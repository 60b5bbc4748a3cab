import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep, type Outcome } from './outcome.ts';

const failure = { code: 'x', message: 'y' };
const step = (outcome: Outcome<string>, attempt: number) => nextStep(outcome, attempt, 3, (n) => n * 100);

test('a finished delivery ends the recipient with its receipt', () => {
  assert.deepEqual(step({ kind: 'done', receipt: 'r' }, 3), { kind: 'finish', receipt: 'r' });
});

test('a failed attempt waits the delay of its number, and the third one is the last', () => {
  const failed: Outcome<string> = { kind: 'failed', failure };
  assert.deepEqual(step(failed, 1), { kind: 'wait', failure, delayMs: 100, attemptsUsed: 1 });
  assert.deepEqual(step(failed, 2), { kind: 'wait', failure, delayMs: 200, attemptsUsed: 2 });
  assert.deepEqual(step(failed, 3), { kind: 'bury', failure });
});

test('a deferred delivery gives its attempt back, also the last one', () => {
  const deferred: Outcome<string> = { kind: 'deferred', failure, delayMs: 7 };
  assert.deepEqual(step(deferred, 3), { kind: 'wait', failure, delayMs: 7, attemptsUsed: 2 });
});
