import type { ProblemCode } from '../problem.ts';
import type { Route } from '../route.ts';
import type { Operation } from './operation.ts';
import type { ANSWER_HEADERS } from './preamble.ts';

/** By the names that the document has for them. */
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

export const takesApiKey = ({ auth }: Route): boolean => auth === 'admin' || typeof auth === 'object';

export const takesIdempotencyKey = ({ method, takesBody }: Route, { keepsNoAnswer }: Operation): boolean =>
  method === 'POST' && takesBody && !keepsNoAnswer;

const limitsOf = (route: Route): AnswerHeader[] => (takesApiKey(route) ? ['RateLimitPolicy', 'RateLimit'] : []);

/** What an answer that is no refusal may carry. @param status of it */
export function headersOfSuccess(route: Route, operation: Operation, status: number): AnswerHeader[] {
  const answer = operation.answers[status];
  const hasTag = route.tagged && (status === 304 || answer?.schema !== undefined);
  return [
    'XRequestId',
    ...limitsOf(route),
    ...(hasTag || answer?.hasTag ? (['ETag'] as const) : []),
    ...(takesIdempotencyKey(route, operation) ? (['IdempotencyReplayed'] as const) : []),
  ];
}

const OF_PROBLEMS: Partial<Record<ProblemCode, AnswerHeader>> = {
  unauthorized: 'WWWAuthenticate',
  forbidden: 'WWWAuthenticate',
  precondition_failed: 'ETag',
  unsupported_media_type: 'AcceptPatch',
  too_many_requests: 'RetryAfter',
  idempotency_in_flight: 'RetryAfter',
  unavailable: 'RetryAfter',
};

/** What a refusal with one of these codes may carry. */
export function headersOfRefusal(route: Route, codes: readonly ProblemCode[]): AnswerHeader[] {
  const own = new Set(codes.flatMap((code) => OF_PROBLEMS[code] ?? []));
  // Without a key that is known there is nobody to count for.
  return ['XRequestId', ...(codes.includes('unauthorized') ? [] : limitsOf(route)), ...own];
}
