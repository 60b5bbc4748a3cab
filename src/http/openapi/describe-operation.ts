import type { z } from 'zod';
import { PATCH_MEDIA_TYPES } from '../json-body.ts';
import type { ProblemCode } from '../problem.ts';
import type { Route } from '../route.ts';
import { headersOfRefusal, headersOfSuccess, takesApiKey, takesIdempotencyKey } from './answer-headers.ts';
import type { JsonObject } from './json-schemas.ts';
import type { Operation } from './operation.ts';
import { answerHeaderRefs, INITIATOR_HEADERS, parameterRef } from './preamble.ts';
import { problemStatus } from './problems.ts';

interface Deps {
  route: Route;
  operation: Operation;
  request: (schema: z.ZodType) => JsonObject;
  answer: (schema: z.ZodType) => JsonObject;
  /** Those that many operations share; filled here. */
  responses: JsonObject;
}

/** A response of the document. */
interface Described {
  $ref?: string;
  description?: string;
  headers?: JsonObject;
  content?: JsonObject;
}

export function describeOperation({ route, operation, request, answer, responses }: Deps): JsonObject {
  const { operationId, summary, description, examples } = operation;
  const body = operation.body ?? route.schemas.body;
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    security: securityOf(route),
    parameters: [
      ...parametersOf('path', route.schemas.params && request(route.schemas.params), examples?.params),
      ...parametersOf('query', route.schemas.query && request(route.schemas.query), examples?.query),
      ...(takesIdempotencyKey(route, operation) ? [parameterRef('IdempotencyKey')] : []),
      ...conditionsOf(route).map(parameterRef),
      ...(operation.initiator ? INITIATOR_HEADERS.map(parameterRef) : []),
    ],
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: Object.fromEntries(
          (route.method === 'PATCH' ? PATCH_MEDIA_TYPES : ['application/json']).map((media) => [
            media,
            { schema: request(body), ...examplesOf(examples?.bodies) },
          ]),
        ),
      },
    }),
    responses: answersOf(
      successes(route, operation, answer),
      refusals(route, problemsOf(route, operation), responses),
      responses,
    ),
  };
}

/** The names in the list are scopes. */
function securityOf({ auth }: Route): JsonObject[] {
  if (auth === 'open') return [];
  if (typeof auth === 'function') return [{ linkToken: [] }];
  return [{ apiKey: [auth === 'admin' ? 'admin' : auth.scope] }];
}

function parametersOf(place: 'path' | 'query', schema: JsonObject | undefined, examples: JsonObject = {}) {
  const required = new Set((schema?.required as string[] | undefined) ?? []);
  return Object.entries((schema?.properties as Record<string, JsonObject> | undefined) ?? {}).map(
    ([name, { description, ...rest }]) => ({
      name,
      in: place,
      required: required.has(name),
      ...(description !== undefined && { description }),
      schema: rest,
      ...(name in examples && { example: examples[name] }),
    }),
  );
}

const examplesOf = (bodies: Record<string, unknown> | undefined) =>
  bodies && { examples: Object.fromEntries(Object.entries(bodies).map(([name, value]) => [name, { value }])) };

const CONDITIONS = {
  GET: ['IfNoneMatch'],
  POST: [],
  PUT: ['IfMatch'],
  PATCH: ['IfMatch'],
  DELETE: ['IfMatch'],
} as const;
const conditionsOf = ({ method, tagged }: Route): readonly ('IfMatch' | 'IfNoneMatch')[] =>
  tagged ? CONDITIONS[method] : [];

function successes(route: Route, operation: Operation, write: Deps['answer']): Record<string, Described> {
  const described = Object.entries(operation.answers).map(([status, { description, schema, example, contentType }]) => {
    const media = contentType ?? (schema && 'application/json');
    const shown = { schema: schema ? write(schema) : { type: 'string' }, ...(example !== undefined && { example }) };
    const headers = answerHeaderRefs(headersOfSuccess(route, operation, Number(status)));
    return [status, { description, headers, ...(media !== undefined && { content: { [media]: shown } }) }];
  });
  const unchanged = route.tagged &&
    route.method === 'GET' && {
      304: {
        description: 'It is as If-None-Match says',
        headers: answerHeaderRefs(headersOfSuccess(route, operation, 304)),
      },
    };
  return { ...Object.fromEntries(described), ...unchanged };
}

/** A status may stand for an answer and for a refusal: then they differ by their media type. */
function answersOf(
  good: Record<string, Described>,
  refused: Record<string, Described>,
  shared: JsonObject,
): JsonObject {
  const both = Object.keys(good).filter((status) => status in refused);
  const merged = both.map((status) => {
    const [answer, refusal] = [good[status], shared[refused[status]?.$ref?.split('/').at(-1) ?? ''] as Described];
    const description = `${answer?.description}; or ${refusal.description}`;
    const headers = { ...answer?.headers, ...refusal.headers };
    return [status, { description, headers, content: { ...answer?.content, ...refusal.content } }];
  });
  return { ...good, ...refused, ...Object.fromEntries(merged) };
}

/** What such a route may answer whatever it does, and what its description adds. */
export function problemsOf(route: Route, operation: Operation): ProblemCode[] {
  const codes = new Set<ProblemCode>(['malformed_request']);
  if (route.auth !== 'open') codes.add('unauthorized');
  if (takesApiKey(route)) codes.add('forbidden').add('too_many_requests');
  if (route.schemas.params) codes.add('not_found');
  if (route.takesBody)
    for (const code of ['request_timeout', 'payload_too_large', 'unsupported_media_type', 'validation_failed'] as const)
      codes.add(code);
  if (route.method === 'POST' && route.takesBody) codes.add('idempotency_key_reused').add('idempotency_in_flight');
  if (conditionsOf(route).includes('IfMatch')) codes.add('precondition_failed');
  for (const code of [...(operation.problems ?? []), 'internal_error', 'unavailable'] as const) codes.add(code);
  return [...codes];
}

/** One answer per status; equal ones are described once. */
function refusals(route: Route, codes: readonly ProblemCode[], responses: JsonObject): Record<string, Described> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(problemStatus(code), [...(byStatus.get(problemStatus(code)) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => {
      const sorted = all.toSorted();
      const name = [...(takesApiKey(route) ? [] : ['keyless']), ...sorted].join('.');
      responses[name] ??= {
        description: sorted.map((code) => `\`${code}\``).join(' or '),
        headers: answerHeaderRefs(headersOfRefusal(route, sorted)),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(sorted.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      };
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}
