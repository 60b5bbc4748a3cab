import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goalOf, goalTable, isMet, roundRatios } from './api-goals.ts';
import { summarise } from './rounds.ts';

test('a ratio is of the same round', () => {
  const results = [
    { name: 'ours', figures: { pace: summarise([60, 10]) } },
    { name: 'peer', figures: { pace: summarise([20, 5]) } },
  ];
  assert.deepEqual(roundRatios(results, 'pace', 'ours', 'peer'), [3, 2]);
  assert.deepEqual(roundRatios(results, 'pace', 'ours', 'nobody'), [Number.NaN, Number.NaN]);
});

test('a goal is met at its limit, by the median, and by nothing that was not measured', () => {
  const at = (...rounds: number[]) => isMet(goalOf('pace', '×', rounds, { atLeast: 4 }));
  assert.deepEqual(
    [at(4), at(3.99), at(1, 4, 9), at(1, 3, 9), at(), at(Number.NaN)],
    [true, false, true, false, false, false],
  );
  const within = (...rounds: number[]) => isMet(goalOf('p99', 'ms', rounds, { atMost: 50 }));
  assert.deepEqual([within(50), within(50.1), within()], [true, false, false]);
});

test('the table tells the goals that are missed too', () => {
  const table = goalTable([goalOf('pace', '×', [3, 5, 4], { atLeast: 4 }), goalOf('p99', 'ms', [70], { atMost: 50 })]);
  assert.match(table, /^\| pace +\| +4\.00 × \(3\.00–5\.00\) \| +≥ 4 × \| +met \|$/m);
  assert.match(table, /^\| p99 +\| +70\.0 ms \(70\.0–70\.0\) \| +≤ 50 ms \| +missed \|$/m);
});
