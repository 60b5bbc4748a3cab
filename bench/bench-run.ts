import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alternate, type Case, type CaseResult, type RoundsOptions } from './rounds.ts';
import { resultTable } from './table.ts';

const DEFAULT_ROUNDS = 3;
const DEFAULT_BUDGET_MS = 45_000;

/** Of one bench alone, beside those that all have; see `parseArgs` of `node:util`. */
type OwnOptions = Record<string, { type: 'string' | 'boolean' }>;
type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a bench gets to work with. */
export interface Bench {
  rounds: number;
  /** As given on the command line. */
  options: OptionValues;
  /** Where the bench may write; removed at the end. */
  folder: string;
  /** With --profile: take CPU profiles of what is measured and print their top costs. */
  profile: boolean;
  /** Progress, on standard error. */
  say(line: string): void;
  /** Runs at the end, also after a failure or Ctrl-C, the last one registered first. */
  onEnd(cleanup: Cleanup): void;
  /** Runs the cases in alternating rounds, within the time of a bench. */
  alternate(cases: readonly Case[]): Promise<CaseResult[]>;
}

export interface Report {
  /** What the figures mean, in one line each. */
  notes: string[];
  results: CaseResult[];
  /** Other figures of the same runs, in a table of their own. */
  beside?: CaseResult[];
  /** Of a bench in parts: they go first. */
  parts?: PartReport[];
}

export interface PartReport {
  title: string;
  results: CaseResult[];
  notes: string[];
}

type Cleanup = () => Promise<unknown> | unknown;

/** Runs what was added, the last one first; what is added meanwhile too. Again: waits for the same end. */
function createEnds(...first: Cleanup[]): { add(cleanup: Cleanup): void; run(): Promise<void> } {
  const cleanups = first;
  let ending: Promise<void> | undefined;
  const runAll = async () => {
    for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) await cleanup();
  };
  return { add: (cleanup) => void cleanups.push(cleanup), run: () => (ending ??= runAll()) };
}

/** Runs a part of a bench in a folder of its own; what it has started is gone when this resolves. */
export async function runPart<T>(bench: Bench, folder: string, work: (part: Bench) => Promise<T>): Promise<T> {
  const part = { ...bench, folder: join(bench.folder, folder) };
  await mkdir(part.folder);
  const ends = createEnds();
  bench.onEnd(ends.run);
  try {
    return await work({ ...part, onEnd: ends.add });
  } finally {
    await ends.run();
  }
}

/**
 * Runs one bench as a process of its own: `--rounds N`, `--json` (one line of JSON instead of the table), `--profile`.
 * With --rounds the time is not bounded.
 */
export async function runBench(
  name: string,
  measure: (bench: Bench) => Promise<Report>,
  ownOptions: OwnOptions = {},
): Promise<void> {
  const common = { json: { type: 'boolean' }, profile: { type: 'boolean' }, rounds: { type: 'string' } } as const;
  const { values: own } = parseArgs({ options: { ...ownOptions, ...common } });
  const values = own as { json?: boolean; profile?: boolean; rounds?: string };
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1');

  const say = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  const options: RoundsOptions = {
    rounds,
    budgetMs: values.rounds ? Number.POSITIVE_INFINITY : DEFAULT_BUDGET_MS,
    say,
  };
  const folder = await mkdtemp(join(tmpdir(), `vestnik-bench-${name}-`));
  const ends = createEnds(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void ends.run().finally(() => process.exit(130)));

  try {
    const report = await measure({
      rounds,
      options: own as OptionValues,
      folder,
      profile: values.profile ?? false,
      say,
      onEnd: ends.add,
      alternate: (cases) => alternate(cases, options),
    });
    if (values.json) process.stdout.write(`${JSON.stringify({ bench: name, ...report })}\n`);
    else {
      const parts = (report.parts ?? []).map(
        ({ title, results, notes }) => `### ${title}\n\n${resultTable(results)}\n\n${notes.join('\n')}`,
      );
      const tables = [report.results, report.beside ?? []].filter((results) => results.length > 0).map(resultTable);
      process.stdout.write(`${[...parts, ...tables, report.notes.join('\n')].join('\n\n')}\n`);
    }
  } finally {
    await ends.run();
  }
}
