import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeRecord, type RecipientState, readClaimedEntry, readEntry } from './entry.ts';

const STATES: RecipientState[] = ['started', 'waiting', 'done', 'dead'];

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

test('a ledger record survives the way through Redis, notes with line breaks included', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.constantFrom(...STATES), fc.json(), (attempts, state, note) => {
      const record = { attempts, state, note };
      const entry = readClaimedEntry('1-0', [], ['user:1', encodeRecord(record)]);
      assert.deepEqual(entry.ledger.get('user:1'), record);
    }),
  );
});

test('an unreadable ledger value counts as no attempt', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      fc.pre(!/^\d+[swdx]/.test(value));
      const record = readClaimedEntry('1-0', [], ['a', value]).ledger.get('a');
      assert.deepEqual(record, { attempts: 0, state: 'waiting', note: '' });
    }),
  );
});
