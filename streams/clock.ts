/** The passing of time, as the engine sees it. */
export interface Clock {
  /** What the calendar says. */
  date(): Date;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** True when the time has passed; false, at once, when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
}

/** Who sleeps under a signal. One listener serves them all: an EventTarget searches its list at every addition. */
const sleepers = new WeakMap<AbortSignal, Set<() => void>>();

function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = sleepers.get(signal);
  if (known) return known;
  const fresh = new Set<() => void>();
  sleepers.set(signal, fresh);
  const wakeAll = () => {
    for (const wake of fresh) wake();
  };
  signal.addEventListener('abort', wakeAll, { once: true });
  return fresh;
}

function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  const others = signal && sleepersOf(signal);
  return new Promise((resolve) => {
    const end = (isOver: boolean) => {
      clearTimeout(timer);
      others?.delete(wake);
      resolve(isOver);
    };
    const wake = () => end(false);
    const timer = setTimeout(end, ms, true);
    others?.add(wake);
  });
}

export const systemClock: Clock = {
  date: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep,
};
