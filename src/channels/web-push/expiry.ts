/** The end of one send's time, by its deadline or by its caller. */
export interface Expiry {
  /** Why it is over; null while it is not. */
  ended(): 'deadline' | 'aborted' | null;
  /** Who is told of the end; the stage that runs now replaces the one before it. At once when it is over already. */
  tell(listener: (why: 'deadline' | 'aborted') => void): void;
  /** Must be called once the send has its result. Idempotent. */
  clear(): void;
}

/** Absolute: nothing that the other side does prolongs it. Cheaper than a linked AbortSignal per send. */
export function startExpiry(signal: AbortSignal, deadlineMs: number): Expiry {
  let ended: 'deadline' | 'aborted' | null = null;
  let listener: ((why: 'deadline' | 'aborted') => void) | null = null;

  function clear(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
  function end(why: 'deadline' | 'aborted'): void {
    clear();
    ended = why;
    listener?.(why);
  }
  const onAbort = () => end('aborted');
  const timer = setTimeout(end, deadlineMs, 'deadline');
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });

  return {
    ended: () => ended,
    tell(next) {
      listener = next;
      if (ended !== null) next(ended);
    },
    clear,
  };
}
