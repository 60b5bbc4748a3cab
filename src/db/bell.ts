/** Wakes those who wait for news, without losing a ring that comes between a look and the wait. */
export interface Bell {
  ring(): void;
  /** Taken before a look; the answer then waits for a ring after that moment, for the signal, or so many ms. */
  next(): (signal: AbortSignal, withinMs?: number) => Promise<void>;
}

export function createBell(): Bell {
  let rung = 0;
  const waiting = new Set<() => void>();
  return {
    ring() {
      rung += 1;
      for (const wake of [...waiting]) wake();
    },
    next() {
      const seen = rung;
      return (signal, withinMs) =>
        new Promise((resolve) => {
          if (rung !== seen || signal.aborted) return resolve();
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          const timer = withinMs === undefined ? undefined : setTimeout(wake, withinMs);
          waiting.add(wake);
          signal.addEventListener('abort', wake, { once: true });
        });
    },
  };
}
