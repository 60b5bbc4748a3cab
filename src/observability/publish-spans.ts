import { traceSchema } from '../domain/trace.ts';
import { parseTraceparent } from './trace-context.ts';
import { nowMs, type Tracer } from './tracer.ts';

/** Published together; `event` is its JSON. */
interface Published {
  event: string;
}

/** How a batch got into the stream, as a span in the trace of each of its events. */
export type PublishSpans = <T>(stream: string, batch: readonly Published[], publish: () => Promise<T>) => Promise<T>;

/** Cheaper than to read the whole event again, which we have written ourselves. */
const TRACE = /"trace":"([^"]{55})"/;

export function createPublishSpans(tracer: Tracer): PublishSpans {
  function tell(stream: string, batch: readonly Published[], startMs: number, error?: string): void {
    const endMs = nowMs();
    for (const { event } of batch) {
      const parent = parseTraceparent(traceSchema.parse(TRACE.exec(event)?.[1]));
      if (!parent) continue;
      tracer.record({
        context: tracer.enter(parent),
        parentSpanId: parent.spanId,
        name: `publish ${stream}`,
        kind: 'producer',
        startMs,
        endMs,
        attributes: {
          'messaging.system': 'redis',
          'messaging.operation.name': 'publish',
          'messaging.destination.name': stream,
          'messaging.batch.message_count': batch.length,
        },
        error,
      });
    }
  }

  return async (stream, batch, publish) => {
    if (!tracer.isOn) return await publish();
    const startMs = nowMs();
    try {
      const result = await publish();
      tell(stream, batch, startMs);
      return result;
    } catch (error) {
      tell(stream, batch, startMs, 'not_published');
      throw error;
    }
  };
}
