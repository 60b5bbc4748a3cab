import { createProgressBar, type ProgressBar } from '#src/commands/progress-bar.ts';
import { type Goal, goalTable } from './api-goals.ts';
import { LATENCY_PARTS } from './api-latency-parts.ts';
import { PACE_PARTS } from './api-pace-parts.ts';
import type { ApiPart } from './api-part.ts';
import { PATH_PART } from './api-path-part.ts';
import { type Bench, type PartReport, type Report, runBench, runPart } from './bench-run.ts';
import { alternate, type Case } from './rounds.ts';

/** The HTTP API under load, in parts: how fast, how long, how much of the machine, and all the way to a message. */

const PARTS: readonly ApiPart[] = [...PACE_PARTS, ...LATENCY_PARTS, PATH_PART];
const DEFAULT_SECONDS = 3;
const DEFAULT_ROUNDS = 5;
const OPTIONS = { seconds: { type: 'string' }, only: { type: 'string' } } as const;

/** Those whose names contain the text; the one of exactly this name where there is one. */
function chosen(text: string): readonly ApiPart[] {
  const exact = PARTS.filter(({ name }) => name === text);
  const parts = exact.length > 0 ? exact : PARTS.filter(({ name }) => name.includes(text));
  const all = () => PARTS.map(({ name, about }) => `  ${name.padEnd(22)}${about}`).join('\n');
  if (parts.length === 0) throw new Error(`--only must be a part of one of these names:\n${all()}`);
  return parts;
}

/** The cases of one part; each run moves the bar, which gives way to what is said. */
async function measureCases(bench: Bench, cases: readonly Case[], budgetMs: number) {
  const rounds = bench.options.rounds === undefined ? DEFAULT_ROUNDS : bench.rounds;
  const bar: ProgressBar = createProgressBar(rounds * cases.length);
  let done = 0;
  const counted = cases.map(({ name, run }) => ({
    name,
    async run() {
      const figures = await run();
      done += 1;
      return figures;
    },
  }));
  const say = (line: string) => {
    bar.finish();
    bench.say(line);
    bar.update(done);
  };
  const isBounded = bench.options.rounds === undefined;
  try {
    return await alternate(counted, { rounds, budgetMs: isBounded ? budgetMs : Number.POSITIVE_INFINITY, say });
  } finally {
    bar.finish();
  }
}

async function measure(bench: Bench): Promise<Report> {
  const seconds = Number(bench.options.seconds ?? DEFAULT_SECONDS);
  if (!(seconds > 0)) throw new Error('--seconds must be a number above 0');
  const chosenParts = chosen(String(bench.options.only ?? ''));
  const parts: PartReport[] = [];
  const goals: Goal[] = [];
  for (const [index, { name, run, budgetMs }] of chosenParts.entries()) {
    bench.say(`part ${index + 1} of ${chosenParts.length}: ${name}`);
    const result = await runPart(bench, `part-${index}`, (part) =>
      run({
        ...part,
        durationMs: seconds * 1000,
        measure: (cases) => measureCases(bench, cases, (budgetMs * seconds) / DEFAULT_SECONDS),
      }),
    );
    parts.push({ title: name, results: result.results, notes: result.notes });
    goals.push(...result.goals);
  }
  return {
    results: [],
    parts,
    notes: [
      ...(goals.length > 0 ? [goalTable(goals), ''] : []),
      'Server, load generator, Redis (appendfsync always, one for each server) and the receiver are processes of their own on the same cores, over loopback',
      'and unix sockets. CPU is processor time of the server a request, RSS its memory after the run: they depend less than the pace on what else runs.',
    ],
  };
}

await runBench('api', measure, OPTIONS);
