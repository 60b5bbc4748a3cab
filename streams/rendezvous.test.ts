import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rendezvousOwner } from './rendezvous.ts';

const ITEMS = Array.from({ length: 64 }, (_, index) => `events:p2p:{${index}}`);
const members = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 });

test('everybody who knows the same members agrees, in whatever order they know them', () => {
  fc.assert(
    fc.property(members, (list) => {
      const shuffled = list.toReversed();
      for (const item of ITEMS) assert.equal(rendezvousOwner(list, item), rendezvousOwner(shuffled, item));
    }),
  );
});

test('a member that leaves moves only its own items', () => {
  fc.assert(
    fc.property(members, (list) => {
      const [gone, ...rest] = list;
      for (const item of ITEMS) {
        const owner = rendezvousOwner(list, item);
        if (owner !== gone) assert.equal(rendezvousOwner(rest, item), owner);
      }
    }),
  );
});

test('four members share sixty-four items without one being left out', () => {
  const owners = new Set(ITEMS.map((item) => rendezvousOwner(['a', 'b', 'c', 'd'], item)));
  assert.equal(owners.size, 4);
});

test('nobody owns anything where nobody is', () => {
  assert.equal(rendezvousOwner([], 'x'), null);
});
