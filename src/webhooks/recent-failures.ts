/**
 * Endpoints that have just failed, in this process, for as long as it does not stand in the database: whoever is next in line would
 * call them all the same.
 */
export interface RecentFailures {
  failed(endpointId: number, now: Date): void;
  /** It stands in the database, whose word counts from then on; or the endpoint took a call after it. */
  forget(endpointId: number): void;
  has(endpointId: number, now: Date): boolean;
}

/** @param forMs after that a failure is forgotten that never came to stand there */
export function createRecentFailures(forMs: number): RecentFailures {
  const failedAt = new Map<number, number>();
  return {
    failed: (endpointId, now) => void failedAt.set(endpointId, now.getTime()),
    forget: (endpointId) => void failedAt.delete(endpointId),
    has(endpointId, now) {
      const at = failedAt.get(endpointId);
      if (at === undefined) return false;
      const isRecent = now.getTime() - at < forMs;
      if (!isRecent) failedAt.delete(endpointId);
      return isRecent;
    },
  };
}
