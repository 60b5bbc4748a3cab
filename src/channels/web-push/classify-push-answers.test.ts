import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyPushExchange } from './classify-push-answers.ts';

const NOW = new Date('2026-01-28T14:00:00Z');
const classify = (status: number, text = '') =>
  classifyPushExchange({ kind: 'answered', status, retryAfter: null, text }, true, NOW);

const TABLE: [number, string, string][] = [
  [200, '', 'accepted'],
  [201, '', 'accepted'],
  [202, '', 'accepted'],
  [301, '', 'failed'],
  [304, '', 'failed'],
  [400, '', 'failed'],
  [400, '{"reason":"VapidPkHashMismatch"} ', 'failed'],
  [401, '', 'key_refused'],
  [401, 'UnauthorizedRegistration ', 'key_refused'],
  [403, '', 'key_refused'],
  [403, 'VAPID public key mismatch ', 'key_refused'],
  [404, '', 'gone'],
  [405, '', 'failed'],
  [410, '', 'gone'],
  [413, '', 'too_large'],
  [429, '', 'rate_limited'],
  [500, '', 'failed'],
  [502, '', 'failed'],
  [503, '', 'rate_limited'],
];

for (const [status, text, kind] of TABLE)
  test(`${status} ${text}means ${kind}`, () => assert.equal(classify(status, text).kind, kind));

test("the service's words are kept on one short line, without markup and without the endpoint", () => {
  const text = `<html><b>Bad</b>\r\nrequest\u0000 to https://fcm.googleapis.com/fcm/send/SECRET ${'x'.repeat(9000)}`;
  const result = classify(500, text);
  assert.ok(result.kind === 'failed');
  assert.equal(result.failure.code, 'web_push_500');
  assert.match(result.failure.message, /^Bad request to … x+$/);
  assert.ok(result.failure.message.length <= 200);
});

test('an answer without words still says something', () => {
  const result = classify(500, ' <html> ');
  assert.ok(result.kind === 'failed' && result.failure.message === 'status 500');
});

test('what was written and not answered may have been accepted', () => {
  assert.equal(classifyPushExchange({ kind: 'unanswered', code: 'ECONNRESET' }, true, NOW).kind, 'unknown');
});
