import { setTimeout as sleep } from 'node:timers/promises';

/** Work that is done again and again. */
export interface Repeated {
  /** Does it at once, and then with this pause. Idempotent. */
  start(): void;
  /** Resolves when what is under way has ended. Idempotent. */
  stop(): Promise<void>;
}

/** @param work must not reject; the signal aborts with the stop */
export function createRepeated(work: (stopping: AbortSignal) => Promise<void>, everyMs: number): Repeated {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;

  async function loop(): Promise<void> {
    const { signal } = stopping;
    while (!signal.aborted) {
      await work(signal);
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
