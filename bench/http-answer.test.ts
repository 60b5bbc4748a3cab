import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnswerReader } from './http-answer.ts';

const ANSWER = Buffer.from('HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\nx-request-id: 7\r\n\r\nhello');

test('an answer is complete with its last byte, however it is cut', () => {
  for (let cut = 1; cut < ANSWER.length; cut += 1) {
    const reader = createAnswerReader();
    assert.equal(reader.take(ANSWER.subarray(0, cut)), undefined, `cut at ${cut}`);
    assert.equal(reader.take(ANSWER.subarray(cut)), 202, `cut at ${cut}`);
  }
});

test('answers follow one another on one connection', () => {
  const reader = createAnswerReader();
  assert.deepEqual([reader.take(ANSWER), reader.take(ANSWER)], [202, 202]);
});

test('an answer without a body is complete with its head', () => {
  assert.equal(createAnswerReader().take(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')), 204);
});

test('what no length is told of, and what comes beyond it, is refused', () => {
  assert.throws(() => createAnswerReader().take(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')), /length/);
  assert.throws(() => createAnswerReader().take(Buffer.concat([ANSWER, ANSWER])), /more came/);
});
