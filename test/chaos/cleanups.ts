/** Ends what a run has started, the newest first. */
export interface Cleanups {
  after(cleanup: () => Promise<unknown>): void;
  /** Idempotent; every cleanup runs, and the first that failed is thrown. */
  run(): Promise<void>;
}

export function createCleanups(): Cleanups {
  const left: (() => Promise<unknown>)[] = [];
  let running: Promise<void> | null = null;

  async function runAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let cleanup = left.pop(); cleanup; cleanup = left.pop())
      await cleanup().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  return {
    after: (cleanup) => void left.push(cleanup),
    run: () => (running ??= runAll()),
  };
}
