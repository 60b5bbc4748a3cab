import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alternate, type Case, type CaseResult, type RoundsOptions } from './rounds.ts';
import { resultTable } from './table.ts';

const DEFAULT_ROUNDS = 3;
const DEFAULT_BUDGET_MS = 45_000;

/** What a bench gets to work with. */
export interface Bench {
  rounds: number;
  /** Where the bench may write; removed at the end. */
  folder: string;
  /** With --profile: take CPU profiles of what is measured and print their top costs. */
  profile: boolean;
  /** Progress, on standard error. */
  say(line: string): void;
  /** Runs at the end, also after a failure or Ctrl-C, the last one registered first. */
  onEnd(cleanup: () => Promise<unknown> | unknown): void;
  /** Runs the cases in alternating rounds, within the time of a bench. */
  alternate(cases: readonly Case[]): Promise<CaseResult[]>;
}

export interface Report {
  /** What the figures mean, in one line each. */
  notes: string[];
  results: CaseResult[];
}

/**
 * Runs one bench as a process of its own: `--rounds N`, `--json` (one line of JSON instead of the table), `--profile`.
 * With --rounds the time is not bounded.
 */
export async function runBench(name: string, measure: (bench: Bench) => Promise<Report>): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, profile: { type: 'boolean' }, rounds: { type: 'string' } },
  });
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1');

  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  const options: RoundsOptions = {
    rounds,
    budgetMs: values.rounds ? Number.POSITIVE_INFINITY : DEFAULT_BUDGET_MS,
    say,
  };
  const folder = await mkdtemp(join(tmpdir(), `vestnik-bench-${name}-`));
  const cleanups: (() => Promise<unknown> | unknown)[] = [
    () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  ];
  let ending: Promise<void> | undefined;
  const endAll = async () => {
    for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) await cleanup();
  };
  const end = () => (ending ??= endAll());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void end().finally(() => process.exit(130)));

  try {
    const report = await measure({
      rounds,
      folder,
      profile: values.profile ?? false,
      say,
      onEnd: (cleanup) => void cleanups.push(cleanup),
      alternate: (cases) => alternate(cases, options),
    });
    if (values.json) process.stdout.write(`${JSON.stringify({ bench: name, ...report })}\n`);
    else process.stdout.write(`${resultTable(report.results)}\n\n${report.notes.join('\n')}\n`);
  } finally {
    await end();
  }
}
