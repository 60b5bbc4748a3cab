import { setTimeout as timer } from 'node:timers/promises';

/** The passing of time, as the engine sees it. */
export interface Clock {
  /** What the calendar says. */
  date(): Date;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** True when the time has passed; false, at once, when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
}

export const systemClock: Clock = {
  date: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => timer(ms, true, signal && { signal }).catch(() => false),
};
