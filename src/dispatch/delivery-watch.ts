import type { Attempt, Delivery, RecipientResult } from '#actors/handler.ts';
import type { Outcome } from '#actors/outcome.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { AnyEvent } from '../domain/any-event.ts';
import { traceIdOf } from '../domain/trace.ts';
import type { DeliveryMetrics } from '../observability/delivery-metrics.ts';
import type { Logger } from '../observability/log.ts';
import { loggedId } from '../observability/logged-id.ts';
import { parseTraceparent, type TraceContext } from '../observability/trace-context.ts';
import { nowMs, type Span, type Tracer } from '../observability/tracer.ts';
import { type Receipt, userIdOf } from './receipt.ts';

type EntryId = Pick<StreamEntry, 'id'>;
type EntryPlace = Pick<StreamEntry, 'id' | 'key' | 'only'>;

/** An attempt whose span the sends inside it belong to. */
export interface TracedAttempt extends Attempt {
  span?: TraceContext;
}

/** What log, metrics and traces hear of deliveries. Nothing here waits or throws. */
export interface DeliveryWatch {
  /** The same delivery, watched. */
  watched(event: AnyEvent, delivery: Delivery<Receipt>): Delivery<Receipt>;
  /** It stands in the delivery log. */
  ended(event: AnyEvent, entry: EntryPlace, result: RecipientResult<Receipt>): void;
  /** Nobody could be found for the entry. */
  planFailed(event: AnyEvent, code: string): void;
  /** The entry cannot be read. */
  undecodable(entry: EntryId, code: string): void;
}

export interface DeliveryWatchDeps {
  metrics: DeliveryMetrics;
  tracer: Tracer;
  clock(): Date;
  log: Logger;
}

/** Where an event can be found again, and nothing that anybody wrote. */
function placeOf({ id, type, company_id, trace }: AnyEvent) {
  return { event_id: loggedId(id), event_type: type, company_id, trace_id: traceIdOf(trace) };
}

/**
 * How long a delivery took. The event tells whole seconds, and its entry when it came into the stream: it happened before both were
 * over. Without an outbox (`key`) it counts from the stream on: when it happened is the caller's word there. Null for a replay, which
 * begins whenever somebody asks for it.
 * @param id of the entry: `ms-sequence`
 */
function secondsTaken({ ts }: AnyEvent, { id, key, only }: EntryPlace, now: Date): number | null {
  if (only !== null) return null;
  const inStreamMs = Number.parseInt(id, 10) || Number.POSITIVE_INFINITY;
  const fromMs = key === null ? inStreamMs : Math.min(ts * 1000 + 999, inStreamMs);
  return Math.max(0, now.getTime() - fromMs) / 1000;
}

export function createDeliveryWatch({ metrics, tracer, clock, log }: DeliveryWatchDeps): DeliveryWatch {
  function told(event: AnyEvent, recipient: string, { number }: Attempt, outcome: Outcome<Receipt>): void {
    if (outcome.kind === 'done') return;
    const { code } = outcome.failure;
    metrics.attemptFailed({ kind: outcome.kind, code });
    const line = { ...placeOf(event), user_id: userIdOf(recipient), attempt: number, reason: code };
    if (outcome.kind === 'failed') log.warn(line, 'an attempt to deliver failed');
    else log.debug({ ...line, retry_in_ms: Math.round(outcome.delayMs) }, 'a delivery waits');
  }

  /** The outcome of an attempt with a span of its own. */
  async function traced(
    event: AnyEvent,
    delivery: Delivery<Receipt>,
    attempt: Attempt,
    parent: TraceContext,
  ): Promise<Outcome<Receipt>> {
    const context = tracer.enter(parent);
    const startMs = nowMs();
    const outcome = await delivery.deliver({ ...attempt, span: context } as TracedAttempt);
    const { event_id, company_id } = placeOf(event);
    const how = outcome.kind === 'done' ? outcome.receipt.status : outcome.kind;
    const span: Span = {
      context,
      parentSpanId: parent.spanId,
      name: `deliver ${event.type}`,
      kind: 'consumer',
      startMs,
      endMs: nowMs(),
      attributes: {
        'messaging.system': 'redis',
        'messaging.operation.name': 'deliver',
        'messaging.message.id': event_id,
        'vestnik.company_id': company_id,
        'vestnik.recipient': delivery.recipient,
        'vestnik.attempt': attempt.number,
        'vestnik.outcome': how,
      },
      error: outcome.kind === 'failed' ? outcome.failure.code : undefined,
    };
    tracer.record(span);
    return outcome;
  }

  return {
    watched(event, delivery) {
      const parent = tracer.isOn ? parseTraceparent(event.trace) : null;
      return {
        ...delivery,
        async deliver(attempt) {
          const outcome = parent ? await traced(event, delivery, attempt, parent) : await delivery.deliver(attempt);
          told(event, delivery.recipient, attempt, outcome);
          return outcome;
        },
      };
    },

    ended(event, entry, { attempts, receipt }) {
      const { user_id, role, status, channel, reason } = receipt;
      const seconds = secondsTaken(event, entry, clock());
      metrics.ended({ event_type: event.type, channel, status, reason, seconds });
      const level = status === 'dead' ? 'error' : 'debug';
      if (!log.isLevelEnabled(level)) return;
      const code = reason?.split(':', 1)[0];
      const line = { ...placeOf(event), user_id, role, channel, attempts, reason: code };
      const took_ms = seconds === null ? null : Math.round(seconds * 1000);
      log[level]({ ...line, took_ms }, `delivery ${status}`);
    },

    planFailed(event, code) {
      metrics.attemptFailed({ kind: 'failed', code });
      log.warn({ ...placeOf(event), reason: code }, 'nobody could be found for an event');
    },

    undecodable({ id }, code) {
      metrics.attemptFailed({ kind: 'failed', code });
      log.error({ entry: id, reason: code }, 'an entry cannot be read');
    },
  };
}
