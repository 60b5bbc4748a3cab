import assert from 'node:assert/strict';
import { test } from 'node:test';
import { times } from './engine-ratio.ts';
import { summarise } from './rounds.ts';

const results = (ours: number[], peers: number[]) => [
  { name: 'ours', figures: { speed: summarise(ours) } },
  { name: 'peer', figures: { speed: summarise(peers) } },
];

test('a ratio compares what was measured in the same round', () => {
  assert.equal(times(results([10, 40, 60], [5, 10, 20]), 'speed', 'ours', 'peer'), '3.00 × (2.00–4.00)');
});

test('a single round has no spread', () => {
  assert.equal(times(results([10], [4]), 'speed', 'ours', 'peer'), '2.50 ×');
});

test('a peer that was not measured gives no number', () => {
  assert.equal(times(results([10], [4]), 'speed', 'ours', 'nobody'), '– ×');
});
