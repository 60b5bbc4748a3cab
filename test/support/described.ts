import assert from 'node:assert/strict';
import { type AnswerHeader, headersOfRefusal, headersOfSuccess } from '#src/http/openapi/answer-headers.ts';
import { OPERATIONS } from '#src/http/openapi/areas.ts';
import { problemsOf } from '#src/http/openapi/describe-operation.ts';
import { ANSWER_HEADER_NAMES } from '#src/http/openapi/preamble.ts';
import { problemSchema } from '#src/http/openapi/problems.ts';
import type { Route } from '#src/http/route.ts';
import { createRouter } from '#src/http/router.ts';

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

type AnswerCheck = (method: string, path: string, answered: Answered) => void;

/** Asserts that an answer is one that `/openapi.json` describes: its status, its media type, its headers, every member, the problem's code. */
export function createAnswerCheck(routes: readonly Route[]): AnswerCheck {
  const router = createRouter(routes);
  return (method, path, answered) => {
    const match = router(method, path.split('?')[0] ?? '');
    const said = `not as described: ${method} ${path}: ${answered.status} ${answered.text}`;
    if (isProblem(answered)) problemSchema.parse(JSON.parse(answered.text));
    if (method !== 'HEAD' && match.kind === 'route' && !match.route.isPage) checkOperation(match.route, answered, said);
  };
}

export const isProblem = ({ headers }: Answered): boolean => headers.get('content-type') === 'application/problem+json';

function checkOperation(route: Route, answered: Answered, said: string): void {
  const { status, headers, text } = answered;
  const described = OPERATIONS.get(`${route.method} ${route.path as `/${string}`}`);
  assert.ok(described, said);
  const { operation } = described;
  if (isProblem(answered)) {
    const { code } = JSON.parse(text);
    assert.ok(problemsOf(route, operation).includes(code), said);
    checkHeaders(headers, headersOfRefusal(route, [code]), said);
    return;
  }
  checkHeaders(headers, headersOfSuccess(route, operation, status), said);
  if (status === 304 && route.tagged && route.method === 'GET') return;
  const answer = operation.answers[status];
  assert.ok(answer, said);
  assert.equal(
    headers.get('content-type') ?? undefined,
    answer.contentType ?? (answer.schema && 'application/json'),
    said,
  );
  if (!answer.schema) return;
  const parsed = answer.schema.safeParse(JSON.parse(text));
  assert.ok(parsed.success, `${said}\n${parsed.error?.message}`);
}

/** Headers that the document has a name for, and does not name here. */
function checkHeaders(headers: Headers, described: readonly AnswerHeader[], said: string): void {
  const names = Object.entries(ANSWER_HEADER_NAMES) as [AnswerHeader, string][];
  for (const [key, name] of names)
    assert.ok(described.includes(key) || !headers.has(name), `${said}: ${name} is not described`);
}
