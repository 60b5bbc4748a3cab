/** What was under way at a refusal has ended after this: only what is taken later says something about the key. */
const UNDER_WAY_MS = 10_000;
/** A refusal of longer ago says nothing any more. */
const KEPT_MS = 10 * 60_000;
/** Endpoints; when more are refused the oldest is forgotten, and begins anew. */
const MAX_KEPT = 1000;

/** Whose fault it is that one push service refuses our token: ours, or the one subscription's. */
export interface KeyRefusals {
  /** The service took a message for this path. */
  accept(path: string, now: number): void;
  /**
   * Notes that it refused this path; `true` once it has taken messages for others after it first did. What it took before
   * proves nothing: a key is revoked, and a clock goes wrong, from one moment to the next.
   */
  refuse(path: string, now: number): boolean;
}

export function createKeyRefusals(): KeyRefusals {
  const refusedSince = new Map<string, number>();
  let acceptedAt = Number.NEGATIVE_INFINITY;

  return {
    accept(path, now) {
      acceptedAt = now;
      refusedSince.delete(path);
    },
    refuse(path, now) {
      const since = refusedSince.get(path);
      if (since !== undefined && now - since <= KEPT_MS) return acceptedAt - since > UNDER_WAY_MS;
      refusedSince.delete(path);
      const [oldest] = refusedSince.keys();
      if (refusedSince.size >= MAX_KEPT && oldest !== undefined) refusedSince.delete(oldest);
      refusedSince.set(path, now);
      return false;
    },
  };
}
