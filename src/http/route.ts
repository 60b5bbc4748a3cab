import type { z } from 'zod';
import type { InitiatorClaim } from '../bookings/initiator.ts';
import type { Scope } from '../domain/scopes.ts';
import type { Answer } from './answer.ts';
import type { Caller, RouteAuth } from './auth.ts';
import { parseTags, type TagList, tagged } from './conditional.ts';
import type { IdempotencyClaim } from './idempotency.ts';
import { BODY_LIMIT_BYTES } from './limits.ts';
import { Problem } from './problem.ts';
import type { CompanyRule } from './tenancy.ts';
import { parseBody, parseQuery } from './validation.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Methods that heed If-Match. */
const CHANGING: ReadonlySet<Method> = new Set(['PUT', 'PATCH', 'DELETE']);

/** What the server knows of a request before the route looks at it. */
export interface RawRequest {
  params: Record<string, string>;
  /** Undecoded, without the question mark. */
  query: string;
  caller: Caller;
  initiator: InitiatorClaim | undefined;
  /** `traceparent` for what the request sets in motion. */
  trace: string;
  /** The headers If-Match and If-None-Match. */
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  /** Only then may the answer be a WebSocket. */
  asksForSocket: boolean;
  /** Counts events against what the caller's key may send. @throws {Problem} 429 */
  takeEvents(count: number): void;
  /** Aborted when the client hangs up. */
  signal(): AbortSignal;
}

/** What came after the head. */
export interface RawBody {
  /** Undefined for an empty body, or where the route takes none. */
  json: unknown;
  /** Undefined without an Idempotency-Key. */
  idempotency: IdempotencyClaim | undefined;
}

export interface RouteRequest<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  idempotency: IdempotencyClaim | undefined;
  initiator: InitiatorClaim | undefined;
  /** `traceparent` for what the request sets in motion. */
  trace: string;
  ifNoneMatch: string | undefined;
  /** For `requireMatch`. Always undefined where the route is not `tagged`. */
  ifMatch: TagList | undefined;
  takeEvents: RawRequest['takeEvents'];
  signal(): AbortSignal;
}

/** What a company's key needs for a route, and how the route keeps to that company. The admin key needs nothing. */
interface KeyAuth<Params, Query, Body> {
  scope: Scope;
  company: CompanyRule<Pick<RouteRequest<Params, Query, Body>, 'params' | 'query' | 'body'>>;
}

interface RouteOptions<Params, Query, Body> {
  method: Method;
  /** Such as `/v1/bookings/{id}`. */
  path: string;
  auth: KeyAuth<NoInfer<Params>, NoInfer<Query>, NoInfer<Body>> | Exclude<RouteAuth, { scope: Scope }>;
  /** What does not fit is a 404: no such thing can exist. */
  params?: z.ZodType<Params>;
  /** What does not fit is a 400. Without a schema every parameter is refused. */
  query?: z.ZodType<Query>;
  /** What does not fit is a 422. Without a schema the body is not read. */
  body?: z.ZodType<Body>;
  bodyLimit?: number;
  /**
   * Its answers are the item as GET answers it, and get an ETag; GET heeds If-None-Match, and what changes or deletes the item must
   * heed If-Match (`requireMatch`).
   */
  tagged?: boolean;
  /** For a browser to show: no part of what `/openapi.json` describes. */
  isPage?: boolean;
  handler(request: RouteRequest<Params, Query, Body>): Promise<Answer>;
}

/** A route whose types are sealed inside `prepare`. */
export interface Route {
  method: Method;
  path: string;
  auth: RouteAuth;
  takesBody: boolean;
  bodyLimit: number;
  tagged: boolean;
  isPage: boolean;
  /** What the request is checked against, for its description. */
  schemas: { params: z.ZodType | undefined; query: z.ZodType | undefined; body: z.ZodType | undefined };
  /**
   * Refuses a path or a query that does not fit before the body is read; the answer takes the body and runs the handler.
   * @throws {Problem}
   */
  prepare(request: RawRequest): (body: RawBody) => Promise<Answer>;
}

export function route<Params, Query, Body>(options: RouteOptions<Params, Query, Body>): Route {
  const { method, path, auth, bodyLimit = BODY_LIMIT_BYTES, tagged: isTagged = false, isPage = false } = options;
  const handler = typeof auth === 'object' ? keptToCompany(auth.company, options.handler) : options.handler;
  return {
    method,
    path,
    auth,
    takesBody: options.body !== undefined,
    bodyLimit,
    tagged: isTagged,
    isPage,
    schemas: { params: options.params, query: options.query, body: options.body },
    prepare(request) {
      // Without a schema the value is undefined, and so is the type.
      const params = parseParams(options.params, request.params) as Params;
      const query = parseQuery(options.query, request.query) as Query;
      const ifMatch = isTagged && CHANGING.has(method) ? parseTags('If-Match', request.ifMatch) : undefined;
      const ifNoneMatch = isTagged && method === 'GET' ? parseTags('If-None-Match', request.ifNoneMatch) : undefined;
      return ({ json, idempotency }) => {
        const answered = handler({
          params,
          query,
          body: (options.body && parseBody(options.body, json)) as Body,
          caller: request.caller,
          idempotency,
          initiator: request.initiator,
          trace: request.trace,
          ifNoneMatch: request.ifNoneMatch,
          ifMatch,
          takeEvents: request.takeEvents,
          signal: request.signal,
        });
        return isTagged ? answered.then((answer) => tagged(answer, ifNoneMatch)) : answered;
      };
    },
  };
}

type Handler<Params, Query, Body> = RouteOptions<Params, Query, Body>['handler'];

function keptToCompany<Params, Query, Body>(
  keep: KeyAuth<Params, Query, Body>['company'],
  handler: Handler<Params, Query, Body>,
): Handler<Params, Query, Body> {
  return async (request) => {
    if (request.caller.kind === 'company') await keep(request, request.caller.company_id);
    return await handler(request);
  };
}

function parseParams<T>(schema: z.ZodType<T> | undefined, given: Record<string, string>): T | undefined {
  const parsed = schema?.safeParse(given);
  if (parsed && !parsed.success) throw new Problem('not_found', 'nothing is found under this path');
  return parsed?.data;
}
