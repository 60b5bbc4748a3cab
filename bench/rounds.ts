/** What one run of a case measured, by the figure's name. */
export type Figures = Record<string, number>;

export interface Case {
  name: string;
  /** One round; sets up and cleans up whatever it needs. */
  run(): Promise<Figures>;
}

/** A figure over all rounds. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  samples: number[];
}

export interface CaseResult {
  name: string;
  figures: Record<string, Summary>;
}

/** The value below which `share` (0–1) of the samples lie, by nearest rank; NaN for none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function summarise(samples: number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, samples };
}

export interface RoundsOptions {
  rounds: number;
  /** No further round begins when it would probably end later than this. */
  budgetMs: number;
  /** Told before each run. */
  say(line: string): void;
}

/**
 * Runs all cases in turn, round after round, each round in the opposite order of the one before: what disturbs the
 * machine for a while, or wears it out, then hits every case. Compare figures within one such run only.
 */
export async function alternate(cases: readonly Case[], options: RoundsOptions): Promise<CaseResult[]> {
  const samples = new Map<string, Figures[]>(cases.map(({ name }) => [name, []]));
  const startedAt = performance.now();
  for (let round = 1; round <= options.rounds; round += 1) {
    const elapsed = performance.now() - startedAt;
    if (round > 1 && elapsed + elapsed / (round - 1) > options.budgetMs) {
      options.say(`stopped after ${round - 1} of ${options.rounds} rounds: the time is used up`);
      break;
    }
    const order = round % 2 === 1 ? cases : [...cases].reverse();
    for (const { name, run } of order) {
      options.say(`round ${round}/${options.rounds}: ${name}`);
      samples.get(name)?.push(await run());
    }
  }
  return [...samples].map(([name, runs]) => ({ name, figures: summariseFigures(runs) }));
}

function summariseFigures(runs: readonly Figures[]): Record<string, Summary> {
  const names = Object.keys(runs[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, summarise(runs.map((run) => run[name] ?? Number.NaN))]));
}
