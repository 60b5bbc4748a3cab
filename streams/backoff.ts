/**
 * The pause after a failed attempt, spread by a tenth so that what failed together does not come back together.
 * @param delaysMs one pause for each attempt but the last; an attempt beyond them takes the last one.
 * @param attempt the number of the attempt that failed, from 1
 * @param random 0 ≤ random < 1
 */
export function retryDelayMs(delaysMs: readonly number[], attempt: number, random: number): number {
  const base = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  return Math.round(base * (1 + random / 10));
}

/** The pause between tries to reach a service that is away: doubles from 50 ms to 2 s. */
export function reconnectDelayMs(tries: number): number {
  return Math.min(50 * 2 ** Math.max(0, tries - 1), 2000);
}
