import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './error-code.ts';
import type { Logger } from './log.ts';
import type { Span, SpanKind } from './tracer.ts';

const FLUSH_EVERY_MS = 1000;
const MAX_BATCH = 512;
/** More than that wait for a collector that does not take them; the rest is dropped. */
const MAX_WAITING = 8192;
const SEND_DEADLINE_MS = 5000;

/** opentelemetry.proto.trace.v1, Span.SpanKind */
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const satisfies Record<
  SpanKind,
  number
>;
/** opentelemetry.proto.trace.v1, Status.StatusCode */
const STATUS_ERROR = 2;

/** Hands spans to a collector (OTLP 1.x over HTTP, as JSON). A collector that is away costs spans, never anything else. */
export interface OtlpExporter {
  add(span: Span): void;
  /** How many were never taken. */
  dropped(): number;
  /** Sends what waits. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
}

export function createOtlpExporter(deps: {
  /** Without `/v1/traces`. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  serviceVersion: string;
  log: Logger;
}): OtlpExporter {
  const { endpoint, headers, serviceName, serviceVersion, log } = deps;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const stopping = new AbortController();
  let waiting: Span[] = [];
  let dropped = 0;
  let isAway = false;
  let running: Promise<void> | null = null;

  const documentOf = (spans: readonly Span[]) => ({
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': serviceName, 'service.version': serviceVersion }) },
        scopeSpans: [{ scope: { name: 'vestnik', version: serviceVersion }, spans: spans.map(spanOf) }],
      },
    ],
  });

  async function send(spans: readonly Span[], signal: AbortSignal): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(documentOf(spans)),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_DEADLINE_MS)]),
      });
      await response.body?.cancel();
      if (!response.ok) return lost(spans, `status_${response.status}`);
      if (isAway) log.info({ dropped }, 'the collector takes spans again');
      isAway = false;
    } catch (error) {
      lost(spans, errorCode(error));
    }
  }

  function lost(spans: readonly Span[], reason: string): void {
    dropped += spans.length;
    if (!isAway) log.warn({ reason, dropped }, 'the collector takes no spans; they are dropped');
    isAway = true;
  }

  async function flush(signal: AbortSignal): Promise<void> {
    while (waiting.length > 0 && !signal.aborted) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      await send(batch, signal);
    }
  }

  async function loop(): Promise<void> {
    const never = new AbortController().signal;
    while (!stopping.signal.aborted) {
      await flush(never);
      await sleep(FLUSH_EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    add(span) {
      running ??= loop();
      if (waiting.length < MAX_WAITING) waiting.push(span);
      else dropped += 1;
    },
    dropped: () => dropped,
    async stop(deadline) {
      stopping.abort();
      await running;
      await flush(deadline);
    },
  };
}

function spanOf({ context, parentSpanId, name, kind, startMs, endMs, attributes, error }: Span) {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(error === undefined ? attributes : { ...attributes, 'error.type': error }),
    ...(error !== undefined && { status: { code: STATUS_ERROR } }),
  };
}

/** As text: they do not fit a double. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`;

function attributesOf(attributes: Span['attributes']) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

function anyValueOf(value: string | number | boolean) {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    default:
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
}
