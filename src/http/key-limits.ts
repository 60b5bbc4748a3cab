import type { Caller } from './auth.ts';
import { Problem } from './problem.ts';

/** Who was quiet may send so many seconds' worth at once. */
const BURST_S = 2;

/** Token buckets, one for each company's key, in this process alone. */
export interface KeyLimits {
  /**
   * Takes so many (else one) from the caller's bucket, all or none. `headers` are for the answer, whatever it will be; `problem` is the
   * 429 that it must be when there are not so many. The admin key and links have no bucket.
   */
  take(caller: Caller, count?: number): { headers: LimitHeaders; problem?: Problem };
}

/** What is left of each limit that a request counts for; empty where there is none. */
export type LimitHeaders = Partial<Record<'ratelimit-policy' | 'ratelimit', string>>;

interface Bucket {
  tokens: number;
  /** When there were so many; milliseconds. */
  at: number;
}

const UNLIMITED = Object.freeze({ headers: {} });

interface KeyLimit {
  /** The name of the limit in the headers. */
  policy: string;
  /** What is counted, as people read it. */
  what: string;
  /** 0 for no limit. */
  perSecond: number;
  /** What one request may take at once, however small the limit. */
  atLeast?: number;
}

/** @param now milliseconds that never go back */
export function createKeyLimits(
  { policy, what, perSecond, atLeast = 1 }: KeyLimit,
  now: () => number = () => performance.now(),
): KeyLimits {
  /** By key id; as many as there are keys. */
  const buckets = new Map<number, Bucket>();
  const burst = Math.max(atLeast, perSecond * BURST_S);
  const window = Math.ceil(burst / perSecond);

  function bucketOf(keyId: number): Bucket {
    const at = now();
    const bucket = buckets.get(keyId) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.set(keyId, bucket);
    return bucket;
  }

  return {
    take(caller, count = 1) {
      if (caller.kind !== 'company' || perSecond === 0) return UNLIMITED;
      const bucket = bucketOf(caller.key_id);
      const missing = count - bucket.tokens;
      if (missing <= 0) bucket.tokens -= count;
      // draft-ietf-httpapi-ratelimit-headers-10: what is left, and after how many seconds the whole quota is there again.
      const full = Math.ceil((burst - bucket.tokens) / perSecond);
      const headers = {
        'ratelimit-policy': `"${policy}";q=${burst};w=${window}`,
        ratelimit: `"${policy}";r=${Math.floor(bucket.tokens)};t=${full}`,
      };
      if (missing <= 0) return { headers };
      const problem = new Problem('too_many_requests', `this API key may send ${perSecond} ${what} a second`, {
        headers: { 'retry-after': String(Math.max(1, Math.ceil(missing / perSecond))) },
      });
      return { headers, problem };
    },
  };
}

/**
 * Adds to the headers of an answer what it says of one more limit (both are lists: RFC 9651, section 3.1).
 * @throws {Problem} the 429 that it must be
 */
export function chargeTo(headers: LimitHeaders, taken: ReturnType<KeyLimits['take']>): void {
  for (const [name, value] of Object.entries(taken.headers) as [keyof LimitHeaders, string][])
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  if (taken.problem) throw taken.problem;
}
