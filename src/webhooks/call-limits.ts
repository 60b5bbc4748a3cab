import pLimit, { type LimitFunction } from 'p-limit';

/** To one endpoint at a time, in one process. */
const MAX_CALLS_TO_ONE = 8;

/** Bounds how many calls go to one endpoint at a time, in this process. */
export interface CallLimits {
  /** Answers the way out, once there is room; null when the signal aborts first. */
  enter(endpointId: number, signal: AbortSignal): Promise<(() => void) | null>;
}

export function createCallLimits(): CallLimits {
  const limits = new Map<number, LimitFunction>();

  function limitOf(endpointId: number): LimitFunction {
    const limit = limits.get(endpointId) ?? pLimit(MAX_CALLS_TO_ONE);
    limits.set(endpointId, limit);
    return limit;
  }

  return {
    enter(endpointId, signal) {
      return new Promise((resolve, reject) => {
        const limit = limitOf(endpointId);
        const hold = () =>
          new Promise<void>((leave) => {
            signal.removeEventListener('abort', giveUp);
            if (signal.aborted) return leave();
            resolve(leave);
          });
        const giveUp = () => resolve(null);
        if (signal.aborted) return giveUp();
        signal.addEventListener('abort', giveUp, { once: true });
        const forgetIfIdle = () => {
          if (limit.activeCount + limit.pendingCount === 0 && limits.get(endpointId) === limit)
            limits.delete(endpointId);
        };
        limit(hold).then(forgetIfIdle, reject);
      });
    },
  };
}
