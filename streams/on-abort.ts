/** One listener on the signal serves all who wait for it: an EventTarget searches its list at every addition. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

function waitingFor(signal: AbortSignal): Set<() => void> {
  const known = waiting.get(signal);
  if (known) return known;
  const fresh = new Set<() => void>();
  waiting.set(signal, fresh);
  const tellAll = () => {
    for (const tell of fresh) tell();
  };
  signal.addEventListener('abort', tellAll, { once: true });
  return fresh;
}

/** Calls once when the signal aborts, which must not have happened yet; the answer takes it back. For signals with many waiters. */
export function onAbort(signal: AbortSignal, told: () => void): () => void {
  const others = waitingFor(signal);
  // An own function, so that the same one may wait twice.
  const tell = () => told();
  others.add(tell);
  return () => void others.delete(tell);
}
