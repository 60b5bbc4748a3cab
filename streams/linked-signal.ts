/** A signal that follows others until it is unlinked. */
export interface LinkedSignal {
  signal: AbortSignal;
  /** Ends the following; the signal aborts no more by itself. Idempotent. */
  unlink(): void;
  /** Aborts the signal alone, and unlinks it. */
  abort(): void;
}

/**
 * For signals shorter-lived than those they follow. `AbortSignal.any` would keep an entry for each of them as long as the
 * followed signal lives (Node 20).
 */
export function linkedSignal(...followed: AbortSignal[]): LinkedSignal {
  const controller = new AbortController();
  const follow = (event: Event) => controller.abort((event.target as AbortSignal).reason);
  const unlink = () => {
    for (const signal of followed) signal.removeEventListener('abort', follow);
  };
  for (const signal of followed) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', follow, { once: true });
  }
  return {
    signal: controller.signal,
    unlink,
    abort() {
      unlink();
      controller.abort();
    },
  };
}
