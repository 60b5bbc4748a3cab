import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeRecord, isLaterId, type RecipientState, readClaimedEntry, readEntry } from './entry.ts';

const STATES: RecipientState[] = ['started', 'alone', 'waiting', 'done', 'dead'];

test('reads the fields of an entry whatever else stands in it', () => {
  assert.deepEqual(readEntry('1-0', ['other', 'x', 'event', '{}', 'key', '1:a']), {
    id: '1-0',
    event: '{}',
    key: '1:a',
    redelivered: false,
    only: null,
    ledger: new Map(),
  });
  assert.equal(readEntry('1-0', ['redelivered', '1']).redelivered, true);
  assert.equal(readEntry('1-0', ['only', 'user:7']).only, 'user:7');
  assert.equal(readEntry('1-0', ['odd']).event, '');
});

test('a claimed entry is a redelivered one', () => {
  assert.equal(readClaimedEntry('1-0', ['event', '{}'], []).redelivered, true);
});

const decode = (value: string) => readClaimedEntry('1-0', [], ['a', value]).ledger.get('a');

test('a ledger record survives the way through Redis, whatever its note', () => {
  const counts = fc.nat({ max: 999_999 });
  fc.assert(
    fc.property(counts, fc.constantFrom(...STATES), counts, fc.jsonValue(), (attempts, state, crashes, note) => {
      const record = { attempts, state, crashes, note: JSON.parse(JSON.stringify(note)) };
      assert.deepEqual(decode(encodeRecord(record)), record);
    }),
  );
  const bare = { attempts: 1, state: 'started', crashes: 0, note: undefined } as const;
  assert.deepEqual(decode(encodeRecord(bare)), bare);
});

test('an unreadable ledger value counts as no attempt', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      fc.pre(!/^\d+[sawdx]\d+:/.test(value));
      assert.deepEqual(decode(value), { attempts: 0, state: 'waiting', crashes: 0, note: undefined });
    }),
  );
});

test('a result whose receipt is cut off is no result, and a cut failure is none', () => {
  assert.deepEqual(decode('2d0:{"cut'), { attempts: 2, state: 'waiting', crashes: 0, note: undefined });
  assert.deepEqual(decode('2w1:not json'), { attempts: 2, state: 'waiting', crashes: 1, note: undefined });
});

test('ids are compared as numbers', () => {
  assert.equal(isLaterId('10-0', '9-5'), true);
  assert.equal(isLaterId('9-10', '9-9'), true);
  assert.equal(isLaterId('9-9', '9-9'), false);
});
