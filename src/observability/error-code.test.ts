import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyError } from 'ioredis';
import { errorCode, errorPlace } from './error-code.ts';

test('tells an error by its code or class, and never by its words', () => {
  assert.equal(errorCode(Object.assign(new Error('Иван, +7 999'), { code: 'SQLITE_BUSY' })), 'SQLITE_BUSY');
  assert.equal(errorCode(new TypeError('Иван')), 'TypeError');
  assert.equal(errorCode('Иван'), 'unknown');
});

test('tells a refusal of Redis by its first word', () => {
  assert.equal(errorCode(new ReplyError('FENCED the lease is not held by this owner')), 'FENCED');
  assert.equal(errorCode(new ReplyError('Иван')), 'ReplyError');
});

test('tells where an error was thrown, and nothing of what it says', () => {
  const [innermost, ...more] = errorPlace(new Error('Иван\n    at home'));
  assert.match(innermost ?? '', /^at .*error-code\.test\.ts:\d+:\d+\)?$/);
  assert.doesNotMatch(more.join(), /Иван|home/);
  assert.deepEqual(errorPlace('Иван'), []);
});
