import pLimit from 'p-limit';
import { type Caller, companyOf } from './auth.ts';
import { RETRY_AFTER_S } from './limits.ts';
import { Problem } from './problem.ts';

/** In one process, so that all else it does goes on beside them. */
const AT_ONCE = 2;
const WAITING = 14;
/** Of one company, or of the admin key: running or waiting. */
const OF_ONE_CALLER = 4;

/**
 * For requests that read much. A few run at once, a few wait in their order, and the rest is refused at once.
 * @throws {Problem} 429 with `Retry-After`
 */
export type CostlyWork = <T>(by: { caller: Caller; signal(): AbortSignal }, work: () => Promise<T>) => Promise<T>;

export function createCostlyWork(
  options: { atOnce?: number; waiting?: number; ofOneCaller?: number } = {},
): CostlyWork {
  const { atOnce = AT_ONCE, waiting = WAITING, ofOneCaller = OF_ONE_CALLER } = options;
  const limit = pLimit(atOnce);
  /** By company. */
  const taken = new Map<number | undefined, number>();
  let all = 0;

  function count(company: number | undefined, change: 1 | -1): void {
    const of = (taken.get(company) ?? 0) + change;
    if (of === 0) taken.delete(company);
    else taken.set(company, of);
    all += change;
  }

  return async ({ caller, signal }, work) => {
    const company = companyOf(caller);
    if (all >= atOnce + waiting || (taken.get(company) ?? 0) >= ofOneCaller) throw tooMany();
    count(company, 1);
    try {
      return await limit(async () => {
        signal().throwIfAborted();
        return await work();
      });
    } finally {
      count(company, -1);
    }
  };
}

function tooMany(): Problem {
  return new Problem('too_many_requests', 'too much of this is asked for at once', {
    headers: { 'retry-after': String(RETRY_AFTER_S) },
  });
}
