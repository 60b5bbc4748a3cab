import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyError } from 'ioredis';
import { errorCode } from './error-code.ts';

test('tells an error by its code or class, and never by its words', () => {
  assert.equal(errorCode(Object.assign(new Error('Иван, +7 999'), { code: 'SQLITE_BUSY' })), 'SQLITE_BUSY');
  assert.equal(errorCode(new TypeError('Иван')), 'TypeError');
  assert.equal(errorCode('Иван'), 'unknown');
});

test('tells a refusal of Redis by its first word', () => {
  assert.equal(errorCode(new ReplyError('FENCED the lease is not held by this owner')), 'FENCED');
  assert.equal(errorCode(new ReplyError('Иван')), 'ReplyError');
});
