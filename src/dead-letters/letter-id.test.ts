import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WORK_STREAMS } from '../domain/lanes.ts';
import { formatLetterId, parseLetterId } from './letter-id.ts';

const half = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

test('an id survives the way out and back, and needs no escape in a URL', () => {
  const ids = fc.record(
    {
      lane: fc.constantFrom(...WORK_STREAMS),
      partition: fc.nat({ max: 9_999 }),
      entryId: fc.tuple(half, half).map((halves) => halves.join('-')),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(ids, (id) => {
      const text = formatLetterId(id);
      assert.deepEqual(parseLetterId(text), id);
      assert.equal(new URL(`http://h/${text}`).pathname, `/${text}`);
    }),
  );
});

for (const text of [
  ...['', 'p2p', 'p2p:0', 'p2p:0:1', '1-0', 'p2p:0:1-', 'p2p:0:-1-0', 'p2p:0:1-0 ', ' p2p:0:1-0', 'p2p:0:1-0\n'],
  ...[
    'p2p:00:1-0',
    'p2p:0:01-0',
    'p2p:x:1-0',
    'p2p:10000:1-0',
    'other:0:1-0',
    'events:p2p:0:1-0',
    'p2p:0:+',
    'p2p:0:*',
  ],
  ...['p2p:0:18446744073709551616-0', 'p2p:0:0-18446744073709551616', `p2p:0:${'9'.repeat(100_000)}-0`],
])
  test(`${JSON.stringify(text.slice(0, 40))} is no id`, () => {
    assert.equal(parseLetterId(text), null);
  });

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => parseLetterId(text) === null || text.includes(':')));
});
