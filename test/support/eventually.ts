import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;

/**
 * Waits until the check passes; after the deadline its last error is the test's. Checks use `assert.equal` and its like:
 * a failing `assert.ok` parses the source for its message each time, which takes seconds.
 */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 20_000): Promise<T> {
  const begun = performance.now();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      const waitedMs = performance.now() - begun;
      if (waitedMs > deadlineMs) throw error;
      // What takes long is looked at less often: looking takes the time of what is waited for.
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + waitedMs / 20));
    }
  }
}

/** So many looks after one another, some ten milliseconds apart: a process that stands still takes none. */
const LOOKS_OF_QUIET = 50;

/** Waits until the number has stayed the same for half a second at least; answers it. */
export async function untilQuiet(count: () => number, deadlineMs = 20_000): Promise<number> {
  const end = performance.now() + deadlineMs;
  let [last, same] = [count(), 0];
  while (same < LOOKS_OF_QUIET) {
    if (performance.now() > end) throw new Error(`it still changed after ${deadlineMs} ms: ${last}`);
    await sleep(10);
    const now = count();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}
