import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeyRefusals } from './key-refusals.ts';

test('of endless refusals the newest thousand are kept', () => {
  const refusals = createKeyRefusals();
  for (let n = 0; n < 1500; n += 1) assert.equal(refusals.refuse(String(n), 0), false);
  refusals.accept('other', 30_000);
  const judged = Array.from({ length: 1000 }, (_, n) => refusals.refuse(String(n + 500), 60_000));
  assert.deepEqual(new Set(judged), new Set([true]));
  assert.equal(refusals.refuse('499', 60_000), false);
});
