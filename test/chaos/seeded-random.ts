/** Random numbers that a seed repeats. */
export interface SeededRandom {
  /** A whole number from min to max, both included. */
  integer(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** The weight of each candidate stands beside it. */
  weighted<T>(candidates: readonly (readonly [weight: number, T])[]): T;
  /** An independent sequence: what one part draws does not shift what another gets. */
  fork(): SeededRandom;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a schedule. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));

  return {
    integer,
    chance: (probability) => next() < probability,
    pick: (from) => from[integer(0, from.length - 1)] ?? from[0],
    weighted(candidates) {
      let left = next() * candidates.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, candidate] of candidates) {
        left -= weight;
        if (left < 0) return candidate;
      }
      throw new RangeError('no candidate has a weight');
    },
    fork: () => createSeededRandom(integer(0, 2 ** 32 - 1)),
  };
}
