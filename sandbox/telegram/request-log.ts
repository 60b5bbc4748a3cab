import type { Parameters } from './parameters.ts';

/** How a request ended. `status` 0: no answer was sent (a hang or a reset connection). */
export interface RequestOutcome {
  status: number;
  /** True when the method took effect, whether or not the answer reached the caller. */
  accepted: boolean;
  description?: string;
  message_id?: number;
}

export interface RecordedRequest {
  /** As called, in lower case. */
  method: string;
  parameters: Parameters;
  /** When the whole request was in: milliseconds on `performance.now()`'s clock. */
  at: number;
  /** The same moment, Unix time in milliseconds. */
  wall: number;
  /** Null while it is under way. */
  outcome: RequestOutcome | null;
}

export interface RequestLog {
  add(request: RecordedRequest): void;
  /** Oldest first. */
  all(): RecordedRequest[];
  clear(): void;
}

/** Keeps the last `limit` requests; 0 keeps none. */
export function createRequestLog(limit: number): RequestLog {
  let ring: RecordedRequest[] = [];
  let next = 0;
  return {
    add(request) {
      if (limit === 0) return;
      ring[next] = request;
      next = (next + 1) % limit;
    },
    all: () => (ring.length < limit ? [...ring] : [...ring.slice(next), ...ring.slice(0, next)]),
    clear() {
      ring = [];
      next = 0;
    },
  };
}
