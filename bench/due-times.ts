/** When requests at a fixed rate are due, whatever became of those before: the times do not depend on the answers. */
export interface DueTimes {
  /** How many there are in all. */
  count: number;
  /** Of the request with this number, from 0: milliseconds after the start. */
  at(number: number): number;
  /** How many are due so many milliseconds after the start, the first one at once. */
  by(elapsedMs: number): number;
}

export function createDueTimes({ perSecond, durationMs }: { perSecond: number; durationMs: number }): DueTimes {
  if (!(perSecond > 0) || !(durationMs > 0)) throw new RangeError('a rate and a time must be above 0');
  const at = (number: number) => (number * 1000) / perSecond;
  const count = Math.max(1, Math.floor((perSecond * durationMs) / 1000));
  return {
    count,
    at,
    by(elapsedMs) {
      if (elapsedMs < 0) return 0;
      // Rounding must not hold back a request that is due in this very moment.
      const guess = Math.floor((elapsedMs * perSecond) / 1000) + 1;
      return Math.min(count, at(guess) <= elapsedMs ? guess + 1 : guess);
    },
  };
}
