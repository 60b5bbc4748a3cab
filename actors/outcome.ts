import type { Failure } from '#streams/dead-letters.ts';

/** How one attempt to deliver to one recipient ended. `R` is the product's receipt. */
export type Outcome<R> =
  /** Finished for good: delivered, or rightly not delivered. */
  | { kind: 'done'; receipt: R }
  /** The attempt was executed and failed; it counts. */
  | { kind: 'failed'; failure: Failure }
  /** Nothing was sent through no fault of the message (rate limit, channel or database away): does not count. */
  | { kind: 'deferred'; failure: Failure; delayMs: number };

export type FailedOutcome = Exclude<Outcome<never>, { kind: 'done' }>;

/** What a failed attempt means for the recipient's actor. */
export type NextStep =
  | { kind: 'wait'; failure: Failure; delayMs: number; attemptsUsed: number }
  | { kind: 'bury'; failure: Failure };

/**
 * @param attempt the number of the attempt that ended so, from 1
 * @param backoff the pause after the failed attempt of that number, in ms
 */
export function nextStep(
  outcome: FailedOutcome,
  attempt: number,
  maxDeliveries: number,
  backoff: (attempt: number) => number,
): NextStep {
  const { failure } = outcome;
  switch (outcome.kind) {
    case 'deferred':
      return { kind: 'wait', failure, delayMs: outcome.delayMs, attemptsUsed: attempt - 1 };
    case 'failed':
      return attempt >= maxDeliveries
        ? { kind: 'bury', failure }
        : { kind: 'wait', failure, delayMs: backoff(attempt), attemptsUsed: attempt };
    default:
      return outcome satisfies never;
  }
}
