import assert from 'node:assert/strict';
import { problemSchema } from '#src/http/openapi/problems.ts';
import type { RawAnswer } from './raw-socket.ts';

/** What uWebSockets.js answers by itself, before any request exists, and hangs up. */
export const isParserRefusal = ({ status, headers, text }: RawAnswer): boolean =>
  [400, 431, 505].includes(status) && headers.connection === 'close' && /^(<h1>|$)/.test(text);

/** Asserts that whatever was sent, the answer is no failure of ours, and a refusal is problem+json with all that belongs to it. */
export function assertCivil(answer: RawAnswer, said: string): void {
  const { status, headers, text } = answer;
  const saw = `${said}: ${status} ${text.slice(0, 300)}`;
  assert.equal(status < 500, true, saw);
  assert.match(headers['x-request-id'] ?? '', /^[\w.:+/=-]{1,128}$/, saw);
  if (status < 400) return;
  assert.equal(headers['content-type'], 'application/problem+json', saw);
  const problem = problemSchema.parse(JSON.parse(text));
  assert.equal(problem.status, status, saw);
  assert.equal(text.length < 100_000, true, `${said}: an answer of ${text.length} characters`);
}

/** Asserts a problem with this status and code. */
export function assertProblem(answer: RawAnswer | undefined, status: number, code: string, said = ''): void {
  assert.ok(answer, `${said}: closed without an answer`);
  assertCivil(answer, said);
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [status, code], said);
}

/** As `assertCivil`, or the parser's own refusal, or no answer before the connection was closed. */
export function assertCivilOrClosed(answer: RawAnswer | undefined, said: string): void {
  if (answer && !isParserRefusal(answer)) assertCivil(answer, said);
}
