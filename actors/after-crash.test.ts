import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RecipientRecord } from '#streams/entry.ts';
import { afterCrash } from './after-crash.ts';

const MAX = 3;
const record = (state: RecipientRecord['state'], attempts: number, crashes = 0): RecipientRecord => ({
  recipient: 'a',
  state,
  attempts,
  crashes,
  note: '',
});

test('a recipient with nothing under way is not concerned', () => {
  for (const state of ['waiting', 'done', 'dead'] as const)
    assert.deepEqual(afterCrash(record(state, 2), MAX), { verdict: 'unconcerned', record: record(state, 2) });
});

test('the first crash costs the attempt and nothing else', () => {
  assert.deepEqual(afterCrash(record('started', 1), MAX), { verdict: 'bystander', record: record('waiting', 1, 1) });
});

test('the second crash makes a suspect', () => {
  assert.deepEqual(afterCrash(record('started', 2, 1), MAX), { verdict: 'suspect', record: record('waiting', 2, 2) });
});

test('only a crash of its own on the last attempt convicts', () => {
  assert.equal(afterCrash(record('alone', 3, 2), MAX).verdict, 'convicted');
  assert.equal(afterCrash(record('alone', 2, 2), MAX).verdict, 'suspect');
});

test('a bystander of any number of crashes always has an attempt left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 20 }), (max, crashes) => {
      let current = record('started', max);
      for (let crash = 0; crash <= crashes; crash += 1) {
        const after = afterCrash(current, max);
        assert.notEqual(after.verdict, 'convicted');
        assert.equal(after.record.attempts < max, true);
        current = { ...after.record, state: 'started', attempts: after.record.attempts + 1 };
      }
    }),
  );
});
