/**
 * Endpoints that have just failed, in this process: until their hold stands in the database, whoever is next in line would call
 * them all the same.
 */
export interface RecentFailures {
  failed(endpointId: number, now: Date): void;
  accepted(endpointId: number): void;
  has(endpointId: number, now: Date): boolean;
}

/** @param forMs not longer than the shortest hold */
export function createRecentFailures(forMs: number): RecentFailures {
  const failedAt = new Map<number, number>();
  return {
    failed: (endpointId, now) => void failedAt.set(endpointId, now.getTime()),
    accepted: (endpointId) => void failedAt.delete(endpointId),
    has(endpointId, now) {
      const at = failedAt.get(endpointId);
      if (at === undefined) return false;
      const isRecent = now.getTime() - at < forMs;
      if (!isRecent) failedAt.delete(endpointId);
      return isRecent;
    },
  };
}
