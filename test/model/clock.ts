import type { Clock } from '#streams/clock.ts';
import type { Owner, World } from './world.ts';

const BEGINNING = Date.UTC(2026, 0, 1);

/** Time goes on while a process is paused, as on CLOCK_MONOTONIC. */
export function createSimulatedClock(owner: Owner, world: World): Clock {
  return {
    date: () => new Date(BEGINNING + world.now()),
    monotonicMs: () => world.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve(false);
        const wake = () => {
          signal?.removeEventListener('abort', abort);
          resolve(true);
        };
        const callOff = world.after(owner, ms, wake);
        const abort = () => {
          callOff();
          resolve(false);
        };
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}
