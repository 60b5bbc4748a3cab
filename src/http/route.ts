import type { z } from 'zod';
import type { InitiatorClaim } from '../bookings/initiator.ts';
import type { Answer } from './answer.ts';
import type { Authenticate, Caller } from './auth.ts';
import type { IdempotencyClaim } from './idempotency.ts';
import { BODY_LIMIT_BYTES } from './limits.ts';
import { Problem } from './problem.ts';
import { parseBody, parseQuery } from './validation.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the server knows of a request before the route looks at it. */
export interface RawRequest {
  params: Record<string, string>;
  /** Undecoded, without the question mark. */
  query: string;
  caller: Caller;
  initiator: InitiatorClaim | undefined;
  /** Only then may the answer be a WebSocket. */
  asksForSocket: boolean;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
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
  readonly signal: AbortSignal;
}

interface RouteOptions<Params, Query, Body> {
  method: Method;
  /** Such as `/v1/bookings/{id}`. */
  path: string;
  /** The API's key, none, or what the function says. */
  auth: 'key' | 'open' | Authenticate;
  /** What does not fit is a 404: no such thing can exist. */
  params?: z.ZodType<Params>;
  /** What does not fit is a 400. Without a schema every parameter is refused. */
  query?: z.ZodType<Query>;
  /** What does not fit is a 422. Without a schema the body is not read. */
  body?: z.ZodType<Body>;
  bodyLimit?: number;
  handler(request: RouteRequest<Params, Query, Body>): Promise<Answer>;
}

/** A route whose types are sealed inside `prepare`. */
export interface Route {
  method: Method;
  path: string;
  auth: 'key' | 'open' | Authenticate;
  takesBody: boolean;
  bodyLimit: number;
  /**
   * Refuses a path or a query that does not fit before the body is read; the answer takes the body and runs the handler.
   * @throws {Problem}
   */
  prepare(request: RawRequest): (body: RawBody) => Promise<Answer>;
}

export function route<Params, Query, Body>(options: RouteOptions<Params, Query, Body>): Route {
  const { method, path, auth, bodyLimit = BODY_LIMIT_BYTES, handler } = options;
  return {
    method,
    path,
    auth,
    takesBody: options.body !== undefined,
    bodyLimit,
    prepare(request) {
      // Without a schema the value is undefined, and so is the type.
      const params = parseParams(options.params, request.params) as Params;
      const query = parseQuery(options.query, request.query) as Query;
      return ({ json, idempotency }) =>
        handler({
          params,
          query,
          body: (options.body && parseBody(options.body, json)) as Body,
          caller: request.caller,
          idempotency,
          initiator: request.initiator,
          get signal() {
            return request.signal;
          },
        });
    },
  };
}

function parseParams<T>(schema: z.ZodType<T> | undefined, given: Record<string, string>): T | undefined {
  const parsed = schema?.safeParse(given);
  if (parsed && !parsed.success) throw new Problem('not_found', 'nothing is found under this path');
  return parsed?.data;
}
