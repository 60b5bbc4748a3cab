import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../observability/log.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { NO_TRACER, type Tracer } from '../observability/tracer.ts';
import { type Answer, NO_CONTENT } from './answer.ts';
import { type ApiDeps, apiRoutes } from './api-routes.ts';
import { type Caller, createAuthenticator, idempotencyScope, requireScope } from './auth.ts';
import type { Exchange } from './exchange.ts';
import { readIdempotencyKey, requestFingerprint } from './idempotency.ts';
import { createInFlightKeys } from './in-flight-keys.ts';
import { readInitiator } from './initiator.ts';
import { ACCEPT_PATCH, parseJsonBody } from './json-body.ts';
import { chargeTo, createKeyLimits, type LimitHeaders } from './key-limits.ts';
import { MAX_EVENTS } from './limits.ts';
import { createListener, type Listener } from './listener.ts';
import { createLiveFeed, type LiveFeed } from './live/live-feed.ts';
import { malformed, Problem, problemDocument } from './problem.ts';
import { problemOf, unavailable } from './problem-of.ts';
import { createRequestWatch } from './request-watch.ts';
import type { Route } from './route.ts';
import { createRouter } from './router.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { socketAuthorization } from './socket-key.ts';

export interface HttpServerDeps {
  host: string;
  /** 0 takes a free one. */
  port: number;
  adminApiKey: string;
  /** Of each company's key, in this process; 0 for no limit. */
  keyRequestsPerSecond: number;
  /** The same for events posted. */
  keyEventsPerSecond: number;
  readiness: () => Promise<Readiness>;
  /** Unique, at most 128 visible ASCII characters. */
  newId: () => string;
  log: Logger;
  requestMetrics?: RequestMetrics;
  tracer?: Tracer;
  bodyDeadlineMs?: number;
  drainDeadlineMs?: number;
  lingerMs?: number;
  /** Limits of `/v1/live`. */
  live?: { intervalMs?: number; maxListeners?: number; maxCompanyListeners?: number };
}

/** The HTTP API. @see Listener for how it starts and stops. */
export interface HttpServer extends Listener {
  /** Serves everything from now on. Before, all but health is answered with 503 and `Retry-After`. */
  open(api: ApiDeps): void;
  /** All that is served now. */
  routes(): readonly Route[];
}

export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { adminApiKey, newId, log, tracer = NO_TRACER } = deps;
  const health = healthRoutes(deps.readiness);
  let routes: readonly Route[] = health;
  let router = createRouter(routes);
  let authenticate = createAuthenticator(adminApiKey, { find: () => undefined });
  const requestLimits = createKeyLimits({ policy: 'key', what: 'requests', perSecond: deps.keyRequestsPerSecond });
  const eventLimits = createKeyLimits({
    ...{ policy: 'events', what: 'events', perSecond: deps.keyEventsPerSecond, atLeast: MAX_EVENTS },
  });
  const inFlightKeys = createInFlightKeys();
  const watch = createRequestWatch({ tracer, metrics: deps.requestMetrics, newId, log });
  let feed: LiveFeed | undefined;
  let opened = false;
  let stopping = false;

  function identify(auth: Route['auth'], authorization: string | undefined): Caller {
    if (auth === 'open') return { kind: 'anonymous' };
    return typeof auth === 'function' ? auth(authorization) : authenticate(authorization);
  }

  async function serve(exchange: Exchange, { route, params, trace, limits }: Matched): Promise<Answer> {
    const { method, path, header } = exchange;
    const { asksForSocket } = exchange;
    const caller = identify(route.auth, asksForSocket ? socketAuthorization(header) : header('authorization'));
    chargeTo(limits, requestLimits.take(caller));
    requireScope(caller, route.auth);
    const writes = route.method === 'POST' || route.method === 'PATCH';
    const key = route.method === 'POST' ? readIdempotencyKey(header('idempotency-key')) : undefined;
    const run = route.prepare({
      params,
      query: exchange.query,
      caller,
      initiator: writes ? readInitiator(header) : undefined,
      trace,
      ifMatch: header('if-match'),
      ifNoneMatch: header('if-none-match'),
      asksForSocket,
      takeEvents: (count) => chargeTo(limits, eventLimits.take(caller, count)),
      signal: exchange.signal,
    });
    if (!route.takesBody) return run({ json: undefined, idempotency: undefined });
    const body = await exchange.readBody(route.bodyLimit);
    const json = parseJsonBody(body, header('content-type'), route.method);
    const idempotency =
      key !== undefined
        ? {
            scope: idempotencyScope(caller),
            key,
            fingerprint: requestFingerprint(method, path, body),
          }
        : undefined;
    return inFlightKeys.hold(idempotency, () => run({ json, idempotency }));
  }

  async function handle(exchange: Exchange): Promise<Answer> {
    const request = watch(exchange);
    const limits: LimitHeaders = {};
    let route: Route | undefined;
    let answer: Answer;
    let cause: unknown;
    try {
      if (stopping) throw unavailable('the server is stopping');
      if (exchange.isAmbiguous)
        throw malformed('Content-Length', 'and Transfer-Encoding must say once where the body ends');
      const match = router(exchange.method, exchange.path);
      if (match.kind === 'none' && !opened) throw unavailable('the server is starting');
      if (match.kind === 'none') throw new Problem('not_found', 'nothing is found under this path');
      if (match.kind === 'route') {
        route = match.route;
        answer = await serve(exchange, { route, params: match.params, trace: request.trace, limits });
      } else answer = answerOtherMethod(exchange.method, match.allow);
    } catch (error) {
      cause = error instanceof Problem ? error.cause : error;
      answer = problemAnswer(problemOf(error));
      if (exchange.isAmbiguous) {
        answer.closesConnection = true;
        // Until this one is answered uWS takes nothing behind it for a request, but hangs up.
        await setImmediate();
      }
    }
    request.ended(route, answer.status, cause);
    const headers = { 'cache-control': 'no-store', ...limits, ...answer.headers, 'x-request-id': request.id };
    return { ...answer, headers };
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
      authenticate = createAuthenticator(adminApiKey, api.keys);
      feed = createLiveFeed({ read: api.liveBroadcasts, log, ...deps.live });
      routes = [...health, ...apiRoutes({ ...api, ...deps.live, feed, newId, log })];
      if (api.serveApi) routes = [...routes, ...openApiRoutes(routes)];
      router = createRouter(routes);
    },
    routes: () => routes,
    async stop() {
      stopping = true;
      await listener.stop();
      await feed?.stop();
    },
  };
}

interface Matched {
  route: Route;
  params: Record<string, string>;
  trace: string;
  /** Takes the headers that tell the caller what is left of their requests. */
  limits: LimitHeaders;
}

function answerOtherMethod(method: string, allow: string): Answer {
  if (method === 'OPTIONS') return { ...NO_CONTENT, headers: { allow, ...(/\bPATCH\b/.test(allow) && ACCEPT_PATCH) } };
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
