/** Counts what is under way. */
export interface Tally {
  begin(): void;
  end(): void;
  isNone(): boolean;
  /** Resolves when nothing is under way. */
  none(): Promise<void>;
}

export function createTally(): Tally {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    begin() {
      count += 1;
    },
    end() {
      count -= 1;
      if (count > 0) return;
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
    isNone: () => count === 0,
    async none() {
      while (count > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
