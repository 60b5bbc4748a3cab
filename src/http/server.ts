import type { Logger } from '../observability/log.ts';
import { type Answer, NO_CONTENT } from './answer.ts';
import { type ApiDeps, apiRoutes } from './api-routes.ts';
import { type Caller, createAuthenticator, idempotencyScope } from './auth.ts';
import type { Exchange } from './exchange.ts';
import { readIdempotencyKey, requestFingerprint } from './idempotency.ts';
import { readInitiator } from './initiator.ts';
import { parseJsonBody } from './json-body.ts';
import { createListener, type Listener } from './listener.ts';
import { createLiveFeed, type LiveFeed } from './live/live-feed.ts';
import { Problem, problemDocument } from './problem.ts';
import { problemOf, unavailable } from './problem-of.ts';
import { ClientGone } from './request-body.ts';
import { logRequest } from './request-log.ts';
import type { Route } from './route.ts';
import { createRouter } from './router.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { socketAuthorization } from './socket-key.ts';

export interface HttpServerDeps {
  host: string;
  /** 0 takes a free one. */
  port: number;
  adminApiKey: string;
  readiness: () => Promise<Readiness>;
  /** Unique, at most 128 visible ASCII characters. */
  newId: () => string;
  log: Logger;
  bodyDeadlineMs?: number;
  drainDeadlineMs?: number;
  /** Limits of `/v1/live`. */
  live?: { intervalMs?: number; maxListeners?: number };
}

/** The HTTP API. @see Listener for how it starts and stops. */
export interface HttpServer extends Listener {
  /** Serves everything from now on. Before, all but health is answered with 503 and `Retry-After`. */
  open(api: ApiDeps): void;
}

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { adminApiKey, newId, log } = deps;
  const health = healthRoutes(deps.readiness);
  let router = createRouter(health);
  const authenticate = createAuthenticator(adminApiKey);
  let feed: LiveFeed | undefined;
  let opened = false;
  let stopping = false;

  function identify(auth: Route['auth'], authorization: string | undefined): Caller {
    if (auth === 'open') return { kind: 'anonymous' };
    return auth === 'key' ? authenticate(authorization) : auth(authorization);
  }

  async function serve(exchange: Exchange, route: Route, params: Record<string, string>): Promise<Answer> {
    const { method, path, header } = exchange;
    const { asksForSocket } = exchange;
    const caller = identify(route.auth, asksForSocket ? socketAuthorization(header) : header('authorization'));
    const writes = route.method === 'POST' || route.method === 'PATCH';
    const key = route.method === 'POST' ? readIdempotencyKey(header('idempotency-key')) : undefined;
    const run = route.prepare({
      params,
      query: exchange.query,
      caller,
      initiator: writes ? readInitiator(header) : undefined,
      asksForSocket,
      get signal() {
        return exchange.signal;
      },
    });
    if (!route.takesBody) return run({ json: undefined, idempotency: undefined });
    const body = await exchange.readBody(route.bodyLimit);
    return run({
      json: parseJsonBody(body, header('content-type')),
      idempotency:
        key !== undefined
          ? {
              scope: idempotencyScope(caller),
              key,
              fingerprint: requestFingerprint(method, path, body),
            }
          : undefined,
    });
  }

  async function handle(exchange: Exchange): Promise<Answer> {
    const startedAt = performance.now();
    const requestId = wellFormedId(exchange.header('x-request-id')) ?? newId();
    let route: Route | undefined;
    let answer: Answer;
    let cause: unknown;
    try {
      if (stopping) throw unavailable('the server is stopping');
      const match = router(exchange.method, exchange.path);
      if (match.kind === 'none' && !opened) throw unavailable('the server is starting');
      if (match.kind === 'none') throw new Problem('not_found', 'nothing is found under this path');
      if (match.kind === 'route') {
        route = match.route;
        answer = await serve(exchange, route, match.params);
      } else answer = answerOtherMethod(exchange.method, match.allow);
    } catch (error) {
      cause = error instanceof Problem ? error.cause : error;
      answer = problemAnswer(problemOf(error));
    }
    if (!(cause instanceof ClientGone)) {
      const { method } = exchange;
      const duration_ms = Math.round(performance.now() - startedAt);
      logRequest(log, { request_id: requestId, method, route: route?.path, status: answer.status, duration_ms }, cause);
    }
    return { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers, 'x-request-id': requestId } };
  }

  const listener = createListener({
    ...deps,
    handle,
    onFailure: (err) => log.error({ err }, 'answer could not be written'),
  });
  return {
    listen: () => listener.listen(),
    open(api) {
      opened = true;
      feed = createLiveFeed({ read: api.liveBroadcasts, log, ...deps.live });
      router = createRouter([...health, ...apiRoutes({ ...api, ...deps.live, feed, newId, log })]);
    },
    async stop() {
      stopping = true;
      await listener.stop();
      await feed?.stop();
    },
  };
}

function wellFormedId(header: string | undefined): string | undefined {
  return header !== undefined && /^[\w.:+/=-]{1,128}$/.test(header) ? header : undefined;
}

function answerOtherMethod(method: string, allow: string): Answer {
  if (method === 'OPTIONS') return { ...NO_CONTENT, headers: { allow } };
  throw new Problem('method_not_allowed', `this path takes ${allow}`, { headers: { allow } });
}

function problemAnswer(problem: Problem): Answer {
  return {
    status: problem.status,
    text: problemDocument(problem),
    contentType: 'application/problem+json',
    headers: problem.headers,
    closesConnection: problem.code === 'request_timeout',
  };
}
