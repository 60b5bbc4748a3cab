/** Resolves when all that happens in this turn of the event loop has happened, so that it can be dealt with together. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
