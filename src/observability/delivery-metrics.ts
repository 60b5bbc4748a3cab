import { Counter, Histogram, type Registry } from 'prom-client';

/** In seconds: at once, a retry, an outage. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600];
/** More codes than that are somebody's text. */
const MAX_CODES = 100;
const CODE = /^[a-z][a-z\d_]{0,63}$/i;

export interface EndedDelivery {
  event_type: string;
  channel: string | null;
  status: string;
  /** As the delivery log has it: a code, and what follows a colon. */
  reason: string | null;
  /** From the event to here; null for what was replayed, which tells nothing of how fast messages are. */
  seconds: number | null;
}

/** An attempt that did not end a delivery: `deferred` used none up. */
export interface FailedAttempt {
  kind: 'failed' | 'deferred';
  code: string;
}

export interface DeliveryMetrics {
  ended(delivery: EndedDelivery): void;
  attemptFailed(attempt: FailedAttempt): void;
}

/** Bounds what becomes a label: codes alone, and no more of them than people may have thought of. */
function createCodes(): (text: string | null) => string {
  const known = new Set<string>();
  return (text) => {
    const code = text?.split(':', 1)[0] ?? 'none';
    if (known.has(code)) return code;
    if (!CODE.test(code) || known.size >= MAX_CODES) return 'other';
    known.add(code);
    return code;
  };
}

export function createDeliveryMetrics(registry: Registry): DeliveryMetrics {
  const registers = [registry];
  const codeOf = createCodes();
  const duration = new Histogram({
    name: 'vestnik_delivery_duration_seconds',
    help: 'From the event to its end for one person, in the delivery log, replays left out; the event tells whole seconds, so it may take one more',
    labelNames: ['event_type', 'channel', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const deliveries = new Counter({
    name: 'vestnik_deliveries_total',
    help: 'Deliveries that ended, by how and by the code of why; returned ones are offered again',
    labelNames: ['event_type', 'channel', 'outcome', 'reason'],
    registers,
  });
  const attempts = new Counter({
    name: 'vestnik_delivery_attempts_failed_total',
    help: 'Attempts that are followed by another or by a dead letter; deferred ones count as none',
    labelNames: ['kind', 'code'],
    registers,
  });
  return {
    ended({ event_type, channel, status: outcome, reason, seconds }) {
      const labels = { event_type, channel: channel ?? 'none', outcome };
      if (outcome !== 'returned' && seconds !== null) duration.observe(labels, seconds);
      deliveries.inc({ ...labels, reason: codeOf(reason) });
    },
    attemptFailed({ kind, code }) {
      attempts.inc({ kind, code: codeOf(code) });
    },
  };
}
