import { childOf, newTrace, type TraceContext } from './trace-context.ts';

/** OpenTelemetry, "SpanKind". */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Something that took time. It tells ids and codes, never a name, a phone or a text. */
export interface Span {
  context: TraceContext;
  /** Null for the first span of a trace. */
  parentSpanId: string | null;
  name: string;
  kind: SpanKind;
  /** By {@link nowMs}. */
  startMs: number;
  endMs: number;
  attributes: Readonly<Record<string, string | number | boolean>>;
  /** A code; undefined for what went well. */
  error?: string | undefined;
}

/** Where spans go. Nothing here waits or throws. */
export interface Tracer {
  /** False: nobody wants to hear of spans, so none need be made. */
  readonly isOn: boolean;
  /** The context of a new span below `parent`, or of the first one of a new trace. */
  enter(parent: TraceContext | null): TraceContext;
  /** Takes a span that has ended; one that is not sampled is dropped. */
  record(span: Span): void;
  /** Sends what is left, within the deadline. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
}

/** Ids are carried all the same, so that the log lines of one request find each other; a caller's stay as they came. */
export const NO_TRACER: Tracer = Object.freeze({
  isOn: false,
  enter: (parent: TraceContext | null) => parent ?? newTrace(false),
  record: () => undefined,
  stop: async () => undefined,
});

/** Unix time in milliseconds, with fractions. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Of new traces a share is kept; of others' what their beginner decided.
 * @param keeps asked for each new trace
 */
export function createTracer(deps: {
  keeps(): boolean;
  export(span: Span): void;
  stop(deadline: AbortSignal): Promise<void>;
}): Tracer {
  return {
    isOn: true,
    enter: (parent) => (parent ? childOf(parent) : newTrace(deps.keeps())),
    record(span) {
      if (span.context.isSampled) deps.export(span);
    },
    stop: deps.stop,
  };
}
