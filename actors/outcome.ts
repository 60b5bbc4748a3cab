import type { Failure } from '#streams/dead-letters.ts';

/** How one attempt to deliver to one recipient ended. `R` is the product's receipt. */
export type Outcome<R> =
  /** Finished for good: delivered, or rightly not delivered. */
  | { kind: 'done'; receipt: R }
  /** The attempt was executed and failed; it counts. */
  | { kind: 'failed'; failure: Failure }
  /** Nothing was sent through no fault of the message (rate limit, channel or database away): does not count. */
  | { kind: 'deferred'; failure: Failure; delayMs: number };

/** What an outcome means for the recipient's actor. */
export type NextStep<R> =
  | { kind: 'finish'; receipt: R }
  | { kind: 'wait'; failure: Failure; delayMs: number; attemptsUsed: number }
  | { kind: 'bury'; failure: Failure };

/**
 * @param attempt the number of the attempt that ended so, from 1
 * @param backoff the pause after the failed attempt of that number, in ms
 */
export function nextStep<R>(
  outcome: Outcome<R>,
  attempt: number,
  maxDeliveries: number,
  backoff: (attempt: number) => number,
): NextStep<R> {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'finish', receipt: outcome.receipt };
    case 'deferred':
      return { kind: 'wait', failure: outcome.failure, delayMs: outcome.delayMs, attemptsUsed: attempt - 1 };
    case 'failed':
      return attempt >= maxDeliveries
        ? { kind: 'bury', failure: outcome.failure }
        : { kind: 'wait', failure: outcome.failure, delayMs: backoff(attempt), attemptsUsed: attempt };
    default:
      return outcome satisfies never;
  }
}
