import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeRecords,
  encodeRecords,
  isLaterId,
  type RecipientRecord,
  type RecipientState,
  readClaimedEntry,
  readEntry,
  recordOf,
} from './entry.ts';

const STATES: RecipientState[] = ['started', 'alone', 'waiting', 'done', 'dead'];

test('reads the fields of an entry whatever else stands in it', () => {
  assert.deepEqual(readEntry('1-0', ['other', 'x', 'event', '{}', 'key', '1:a']), {
    id: '1-0',
    event: '{}',
    key: '1:a',
    redelivered: false,
    only: null,
    records: [],
  });
  assert.equal(readEntry('1-0', ['redelivered', '1']).redelivered, true);
  assert.equal(readEntry('1-0', ['only', 'user:7']).only, 'user:7');
  assert.equal(readEntry('1-0', ['odd']).event, '');
});

test('a claimed entry is a redelivered one', () => {
  assert.equal(readClaimedEntry('1-0', ['event', '{}'], '').redelivered, true);
});

test('ledger records survive the way through Redis, whatever their recipients and notes', () => {
  const counts = fc.nat({ max: 999_999 });
  const record = fc.record(
    {
      recipient: fc.string({ unit: 'binary' }),
      attempts: counts,
      state: fc.constantFrom(...STATES),
      crashes: counts,
      note: fc.oneof(
        fc.constant(undefined),
        fc.jsonValue().map((note): unknown => JSON.parse(JSON.stringify(note))),
      ),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(record), (records) => assert.deepEqual(decodeRecords(encodeRecords(records)), records)),
  );
});

test('what cannot be read of a ledger counts as no attempt', () => {
  for (const text of [
    '',
    'x',
    '{}',
    'null',
    '[[]]',
    '[["a",1]]',
    '[["a",-1,"s",0]]',
    '[["a",1.5,"s",0]]',
    '[[1,1,"s",0]]',
  ])
    assert.deepEqual(decodeRecords(text), [], text);
  assert.deepEqual(decodeRecords('[["a",1,"?",0],["b",2,"w",0]]'), [
    { recipient: 'b', attempts: 2, state: 'waiting', crashes: 0, note: undefined },
  ]);
  fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(decodeRecords(JSON.stringify(value)))));
});

test('an entry keeps one record for each recipient', () => {
  const [one, other] = [readEntry('1-0', []), readEntry('2-0', [])];
  const record: RecipientRecord = recordOf(one, 'a');
  record.attempts = 2;
  assert.equal(recordOf(one, 'a'), record);
  recordOf(one, 'b');
  assert.deepEqual(
    one.records.map(({ recipient }) => recipient),
    ['a', 'b'],
  );
  assert.deepEqual(other.records, []);
});

test('ids are compared as numbers', () => {
  assert.equal(isLaterId('10-0', '9-5'), true);
  assert.equal(isLaterId('9-10', '9-9'), true);
  assert.equal(isLaterId('9-9', '9-9'), false);
});
