import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';

/** A holder renews its lock every second; one that has not for this long is taken for dead. */
const STALE_AFTER_MS = 5_000;
const RENEW_EVERY_MS = 1_000;
const TRY_AGAIN_MS = 50;

/** The lock stayed in other hands for the whole wait. */
export class LockTimeoutError extends Error {
  readonly code = 'lock_timeout';
}

/**
 * Runs `work` while no other process on this machine holds the lock at `path`.
 * @throws {LockTimeoutError} when the lock did not come free within `waitMs`.
 */
export async function withFileLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const release = await acquire(path, waitMs);
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(path: string, waitMs: number): Promise<() => Promise<void>> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    let lost = false;
    try {
      const release = await lockfile.lock(path, {
        lockfilePath: `${path}.lock`,
        realpath: false,
        stale: STALE_AFTER_MS,
        update: RENEW_EVERY_MS,
        onCompromised: () => {
          lost = true;
        },
      });
      return async () => {
        if (!lost) await release();
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (performance.now() > giveUpAt) throw new LockTimeoutError(`${path}.lock is held by another process`);
    }
    await sleep(TRY_AGAIN_MS);
  }
}
