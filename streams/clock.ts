import { onAbort } from './on-abort.ts';

/** The passing of time, as the engine sees it. */
export interface Clock {
  /** What the calendar says. */
  date(): Date;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** True when the time has passed; false, at once, when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
}

function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (isOver: boolean) => {
      clearTimeout(timer);
      forget?.();
      resolve(isOver);
    };
    const timer = setTimeout(end, ms, true);
    const forget = signal && onAbort(signal, () => end(false));
  });
}

export const systemClock: Clock = {
  date: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep,
};
