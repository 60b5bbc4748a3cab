const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** No hold is shorter. */
export const SHORTEST_HOLD_MS = 5 * SECOND_MS;

/** After the first attempt, the second, … (Standard Webhooks, "Deliverability and reliability"). */
const RETRY_DELAYS_MS = [
  SHORTEST_HOLD_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
] as const;
const LONGEST_DELAY_MS = 10 * HOUR_MS;
/** Up to so much of a delay is added to it, so that what failed together does not come back together. */
const JITTER = 0.2;

const DAY_MS = 24 * HOUR_MS;
/** An endpoint that failed for so long without one success is disabled. */
const DISABLED_AFTER_MS = 5 * DAY_MS;
/** Longer than any hold: when one ended so long ago, nothing was left to try, and nobody knows how the endpoint was since. */
const IDLE_AFTER_MS = DAY_MS;

export const GONE = 'gone';
export const FAILED_FOR_LONG = 'failed_for_five_days';

interface EndpointHealth {
  failures: number;
  failing_since: Date | null;
  held_until: Date | null;
}

/** What is known when an attempt has failed. */
export interface FailedCall {
  /** Of the message, this one included. */
  attempts: number;
  endpoint: EndpointHealth;
  /** When the attempt began. */
  startedAt: Date;
  now: Date;
  /** What the endpoint asked for; null for nothing. */
  retryAfterMs: number | null;
  /** It answered 410. */
  isGone: boolean;
  /** From 0 to 1. */
  jitter: number;
}

/** What follows for the message and for its endpoint. */
export interface AfterFailure {
  /** The message's own wait, however long its endpoint is held. Null: it has failed for good. */
  nextAttemptAt: Date | null;
  failures: number;
  failingSince: Date;
  heldUntil: Date | null;
  /** Null while the endpoint goes on. */
  disabledReason: typeof GONE | typeof FAILED_FOR_LONG | null;
}

/** @param failures so many in a row; from 1 */
const delayMs = (failures: number, jitter: number): number =>
  (RETRY_DELAYS_MS[failures - 1] ?? LONGEST_DELAY_MS) * (1 + JITTER * jitter);

const UNKNOWN: EndpointHealth = { failures: 0, failing_since: null, held_until: null };

const wasIdle = ({ held_until }: EndpointHealth, startedAt: Date): boolean =>
  held_until !== null && startedAt.getTime() - held_until.getTime() > IDLE_AFTER_MS;

/**
 * A failure holds the whole endpoint up, longer with each in a row: its other messages wait with it, and one at a time tries.
 * What was under way when the hold began does not lengthen it. After a long silence the counting begins anew.
 */
export function afterFailure({
  attempts,
  endpoint: known,
  startedAt,
  now,
  retryAfterMs,
  isGone,
  jitter,
}: FailedCall): AfterFailure {
  const at = now.getTime();
  const endpoint = wasIdle(known, startedAt) ? UNKNOWN : known;
  const failingSince = endpoint.failing_since ?? now;
  const isNews = endpoint.held_until === null || endpoint.held_until <= startedAt;
  const failures = endpoint.failures + (isNews ? 1 : 0);
  const asked = retryAfterMs ?? 0;
  const heldFor = isNews ? Math.max(delayMs(failures, jitter), asked) : asked;
  const heldUntil = new Date(Math.max(at + heldFor, endpoint.held_until?.getTime() ?? 0));
  const isOver = attempts > RETRY_DELAYS_MS.length;
  const nextAttemptAt = new Date(at + delayMs(attempts, jitter));
  const wasLong = at - failingSince.getTime() >= DISABLED_AFTER_MS;
  const disabledReason = isGone ? GONE : wasLong ? FAILED_FOR_LONG : null;
  return {
    nextAttemptAt: isOver || disabledReason !== null ? null : nextAttemptAt,
    ...{ failures, failingSince, heldUntil: disabledReason === null ? heldUntil : null, disabledReason },
  };
}
