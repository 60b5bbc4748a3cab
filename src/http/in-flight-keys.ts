import type { IdempotencyClaim } from './idempotency.ts';
import { RETRY_AFTER_IN_FLIGHT_S } from './limits.ts';
import { keyReused, Problem } from './problem.ts';

/**
 * The Idempotency-Keys whose first request this process is still answering (draft-ietf-httpapi-idempotency-key-header, section
 * 2.6). Another process does not see them: there the second request waits for the commit of the first, for writers take turns, and
 * replays its answer. A process that dies takes its keys with it, and what it had not committed has not happened.
 */
export interface InFlightKeys {
  /**
   * Holds the key while `work` runs; without a claim it is `work()`.
   * @throws {Problem} 409 when it is held for the same request, 422 when for another.
   */
  hold<T>(claim: IdempotencyClaim | undefined, work: () => Promise<T>): Promise<T>;
}

export function createInFlightKeys(): InFlightKeys {
  /** Fingerprints of the requests, by scope and key; neither has a space. */
  const held = new Map<string, string>();

  async function holdFor<T>(claim: IdempotencyClaim, work: () => Promise<T>): Promise<T> {
    const name = `${claim.scope} ${claim.key}`;
    const other = held.get(name);
    if (other !== undefined) throw other === claim.fingerprint ? inFlight() : keyReused();
    held.set(name, claim.fingerprint);
    try {
      return await work();
    } finally {
      held.delete(name);
    }
  }

  return { hold: (claim, work) => (claim ? holdFor(claim, work) : work()) };
}

const inFlight = (): Problem =>
  new Problem('idempotency_in_flight', 'the first request with this Idempotency-Key is still under way', {
    headers: { 'retry-after': String(RETRY_AFTER_IN_FLIGHT_S) },
  });
