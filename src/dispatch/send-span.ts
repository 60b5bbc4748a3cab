import type { Channel } from '../domain/events.ts';
import { nowMs, type Tracer } from '../observability/tracer.ts';
import type { TracedAttempt } from './delivery-watch.ts';

/** What a send answers; an outcome, or what a leg has to say besides. */
interface Sent {
  kind: string;
}

/** Makes a send, with a span of its own inside that of its attempt. */
export type SendSpan = <T extends Sent>(channel: Channel, attempt: TracedAttempt, send: () => Promise<T>) => Promise<T>;

/** Kinds that tell of a send that did not arrive. */
const FAILED: ReadonlySet<string> = new Set(['failed', 'deferred', 'lost', 'rejected', 'no_device']);

export function createSendSpan(tracer: Tracer): SendSpan {
  return async (channel, { span: parent }, send) => {
    if (!parent) return await send();
    const context = tracer.enter(parent);
    const startMs = nowMs();
    const sent = await send();
    tracer.record({
      context,
      parentSpanId: parent.spanId,
      name: `send ${channel}`,
      kind: 'client',
      startMs,
      endMs: nowMs(),
      attributes: { 'vestnik.channel': channel, 'vestnik.outcome': sent.kind },
      error: FAILED.has(sent.kind) ? sent.kind : undefined,
    });
    return sent;
  };
}
