import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, resultTable } from './table.ts';

test('figures keep the digits that matter', () => {
  assert.deepEqual([12_345.6, 123.4, 12.34, 1.234, Number.NaN].map(figure), ['12,346', '123', '12.3', '1.23', '–']);
});

test('a table shows medians with their spread, and a single sample alone', () => {
  const results = [
    { name: 'fast', figures: { ms: { median: 2, min: 1, max: 3, samples: [1, 2, 3] } } },
    { name: 'slow', figures: { ms: { median: 40, min: 40, max: 40, samples: [40] } } },
  ];
  assert.equal(
    resultTable(results),
    [
      '|      |               ms |',
      '| ---- | ---------------: |',
      '| fast | 2.00 (1.00–3.00) |',
      '| slow |             40.0 |',
    ].join('\n'),
  );
});
