import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shareRoom } from './room-shares.ts';

const takers = (...has: number[]) => has.map((count, index) => ({ id: index + 1, has: count }));
const placesOf = (has: number[], room: number) => shareRoom(takers(...has), room).map(({ id, places }) => [id, places]);

test('the only place goes to whoever has the fewest, not to the first', () => {
  assert.deepEqual(placesOf([64, 0], 1), [[2, 1]]);
  assert.deepEqual(placesOf([3, 3], 1), [[1, 1]]);
});

test('places make all alike as far as they go', () => {
  assert.deepEqual(placesOf([5, 0, 1], 6), [
    [2, 4],
    [3, 2],
  ]);
  assert.deepEqual(placesOf([0, 0, 0], 10), [
    [1, 4],
    [2, 3],
    [3, 3],
  ]);
});

test('no more are given out than there are, and none to nobody', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 20 }), fc.integer({ min: -2, max: 100 }), (has, room) => {
      const shares = shareRoom(takers(...has), room);
      const given = shares.reduce((sum, { places }) => sum + places, 0);
      assert.equal(given, has.length === 0 ? 0 : Math.max(0, room));
    }),
  );
});
