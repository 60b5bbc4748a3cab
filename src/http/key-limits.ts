import type { Caller } from './auth.ts';
import { Problem } from './problem.ts';

/** Who was quiet may send so many seconds' requests at once. */
const BURST_S = 2;
const POLICY = 'key';

/** Token buckets, one for each company's key, in this process alone. */
export interface KeyLimits {
  /**
   * Takes one request from the caller's bucket. `headers` are for the answer, whatever it will be; `problem` is the 429 that it
   * must be when the bucket is empty. The admin key and links have no bucket.
   */
  take(caller: Caller): { headers: Record<string, string>; problem?: Problem };
}

interface Bucket {
  tokens: number;
  /** When there were so many; milliseconds. */
  at: number;
}

const UNLIMITED = Object.freeze({ headers: {} });

/** @param perSecond 0 for no limit. @param now milliseconds that never go back */
export function createKeyLimits(perSecond: number, now: () => number = () => performance.now()): KeyLimits {
  /** By key id; as many as there are keys. */
  const buckets = new Map<number, Bucket>();
  const burst = perSecond * BURST_S;
  const policy = `"${POLICY}";q=${burst};w=${BURST_S}`;

  function bucketOf(keyId: number): Bucket {
    const at = now();
    const bucket = buckets.get(keyId) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.set(keyId, bucket);
    return bucket;
  }

  return {
    take(caller) {
      if (caller.kind !== 'company' || perSecond === 0) return UNLIMITED;
      const bucket = bucketOf(caller.key_id);
      const isOver = bucket.tokens < 1;
      if (!isOver) bucket.tokens -= 1;
      // draft-ietf-httpapi-ratelimit-headers-10: what is left, and after how many seconds the whole quota is there again.
      const full = Math.ceil((burst - bucket.tokens) / perSecond);
      const headers = {
        'ratelimit-policy': policy,
        ratelimit: `"${POLICY}";r=${Math.floor(bucket.tokens)};t=${full}`,
      };
      return isOver ? { headers, problem: tooMany(perSecond, (1 - bucket.tokens) / perSecond) } : { headers };
    },
  };
}

function tooMany(perSecond: number, waitS: number): Problem {
  return new Problem('too_many_requests', `this API key may send ${perSecond} requests a second`, {
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitS))) },
  });
}
