/** Wakes those who wait for news, without losing a ring that comes between a look and the wait. */
export interface Bell {
  ring(): void;
  /** Taken before a look; the answer then waits for a ring after that moment, or for the signal. */
  next(): (signal: AbortSignal) => Promise<void>;
}

export function createBell(): Bell {
  let rung = 0;
  let waiting: (() => void)[] = [];
  return {
    ring() {
      rung += 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    next() {
      const seen = rung;
      return (signal) =>
        new Promise((resolve) => {
          if (rung !== seen || signal.aborted) return resolve();
          const wake = () => {
            signal.removeEventListener('abort', wake);
            resolve();
          };
          waiting.push(wake);
          signal.addEventListener('abort', wake, { once: true });
        });
    },
  };
}
