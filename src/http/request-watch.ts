import type { Logger } from '../observability/log.ts';
import type { RequestMetrics } from '../observability/request-metrics.ts';
import { parseTraceparent, type TraceContext, traceparentOf } from '../observability/trace-context.ts';
import { nowMs, type Tracer } from '../observability/tracer.ts';
import type { Exchange } from './exchange.ts';
import { ClientGone } from './request-body.ts';
import { isLogged, logRequest } from './request-log.ts';
import type { Route } from './route.ts';

/** One request as log, metrics and trace see it. */
export interface WatchedRequest {
  readonly id: string;
  /** `traceparent` for what the request sets in motion. */
  readonly trace: string;
  /** @param cause what made it fail; undefined for an answer that was meant so */
  ended(route: Route | undefined, status: number, cause: unknown): void;
}

/** Goes for an answer to nobody: the client hung up. nginx made it known. */
const CLIENT_GONE_STATUS = 499;

export function createRequestWatch(deps: {
  tracer: Tracer;
  metrics: RequestMetrics | undefined;
  newId: () => string;
  log: Logger;
}): (exchange: Exchange) => WatchedRequest {
  const { tracer, metrics, newId, log } = deps;

  function trace(context: TraceContext, parent: TraceContext | null, seen: RequestSeen): void {
    const { route, method, status, startMs } = seen;
    tracer.record({
      context,
      parentSpanId: parent?.spanId ?? null,
      // OpenTelemetry, semantic conventions for HTTP server spans.
      name: route ? `${method} ${route}` : method,
      kind: 'server',
      startMs,
      endMs: nowMs(),
      attributes: {
        'http.request.method': method,
        'http.response.status_code': status,
        ...(route !== undefined && { 'http.route': route }),
      },
      error: status >= 500 ? String(status) : undefined,
    });
  }

  return (exchange) => {
    const startMs = nowMs();
    const id = wellFormedId(exchange.header('x-request-id')) ?? newId();
    const parent = parseTraceparent(exchange.header('traceparent'));
    const context = tracer.enter(parent);
    return {
      id,
      trace: traceparentOf(context),
      ended(route, answered, cause) {
        const status = cause instanceof ClientGone ? CLIENT_GONE_STATUS : answered;
        const method = route?.method ?? knownMethod(exchange.method);
        const tookMs = nowMs() - startMs;
        metrics?.ended({ route: route?.path, method, status, seconds: tookMs / 1000 });
        if (tracer.isOn) trace(context, parent, { route: route?.path, method, status, startMs });
        if (!isLogged(log, status)) return;
        const record = { request_id: id, trace_id: context.traceId, method, route: route?.path, status };
        logRequest(log, { ...record, duration_ms: Math.round(tookMs) }, cause);
      },
    };
  };
}

interface RequestSeen {
  route: string | undefined;
  method: string;
  status: number;
  startMs: number;
}

function wellFormedId(header: string | undefined): string | undefined {
  return header !== undefined && /^[\w.:+/=-]{1,128}$/.test(header) ? header : undefined;
}

/** A client may write anything there. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
