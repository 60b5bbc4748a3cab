import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until the check passes; after the deadline its last error is the test's. Checks use `assert.equal` and its like:
 * a failing `assert.ok` parses the source for its message each time, which takes seconds.
 */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 10_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(10);
    }
  }
}
