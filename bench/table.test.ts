import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, resultTable } from './table.ts';

test('figures keep the digits that matter', () => {
  assert.deepEqual([12_345.6, 123.4, 12.34, 1.234, Number.NaN].map(figure), ['12,346', '123', '12.3', '1.23', '–']);
});

test('a table shows medians with their spread, and a single sample alone', () => {
  const results = [
    { name: 'fast', figures: { ms: { median: 2.5, min: 1.25, max: 3.75, samples: [1.25, 2.5, 3.75] } } },
    { name: 'slow', figures: { ms: { median: 40.5, min: 40.5, max: 40.5, samples: [40.5] } } },
  ];
  assert.equal(
    resultTable(results),
    [
      '|      |               ms |',
      '| ---- | ---------------: |',
      '| fast | 2.50 (1.25–3.75) |',
      '| slow |             40.5 |',
    ].join('\n'),
  );
});

test('a column of counts has no decimals', () => {
  const one = (count: number) => ({ lost: { median: count, min: count, max: count, samples: [count] } });
  const results = [
    { name: 'ours', figures: one(0) },
    { name: 'theirs', figures: one(1031) },
  ];
  assert.equal(
    resultTable(results),
    ['|        |  lost |', '| ------ | ----: |', '| ours   |     0 |', '| theirs | 1,031 |'].join('\n'),
  );
});
