import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { startBullMq } from './broadcast-bullmq.ts';
import { type RunPlot, rateChart } from './broadcast-chart.ts';
import { bookingFigures, missedGoals, rateFigures } from './broadcast-figures.ts';
import { measureMillion } from './broadcast-million.ts';
import { runScenario, type Scenario } from './broadcast-run.ts';
import { startThrottler } from './broadcast-throttler.ts';
import { startVestnik } from './broadcast-vestnik.ts';
import { BOOKINGS_PER_SECOND, type Trouble } from './broadcast-work.ts';
import { type CaseResult, type Figures, summarise } from './rounds.ts';

/** A broadcast through a strict receiver, with bookings beside it: how much of the budget is used, what goes wrong, how long bookings wait. */

const DEFAULT_SECONDS = 60;
const OPTIONS = {
  seconds: { type: 'string' },
  only: { type: 'string' },
  svg: { type: 'string' },
  million: { type: 'boolean' },
  recipients: { type: 'string' },
} as const;

const TROUBLES: Record<Trouble, string> = {
  none: '',
  '429': ', random 429s',
  kill: ', sender killed',
  stalls: ', stalls',
};
const ALL_TROUBLES: readonly Trouble[] = ['none', '429', 'kill', 'stalls'];
const processesOf = (count: number) => (count === 1 ? '1 process' : `${count} processes`);

function scenariosOf(
  title: string,
  sizes: readonly number[],
  troubles: readonly Trouble[],
  start: Scenario['start'],
): Scenario[] {
  return sizes.flatMap((processes) =>
    troubles.map((trouble) => ({
      name: `${title}, ${processesOf(processes)}${TROUBLES[trouble]}`,
      processes,
      trouble,
      start,
    })),
  );
}

const OURS = 'Vestnik';
const SCENARIOS: Scenario[] = [
  ...scenariosOf(OURS, [1, 4], ALL_TROUBLES, startVestnik),
  ...scenariosOf('throttler', [1], ['none', '429', 'stalls'], (part, options) =>
    startThrottler(part, 'default', options),
  ),
  ...scenariosOf('throttler, smooth', [1], ['none'], (part, options) => startThrottler(part, 'smooth', options)),
  ...scenariosOf('BullMQ 30/1000', [1], ['none'], (part, options) => startBullMq(part, '30/1000', options)),
  ...scenariosOf('BullMQ 30/1000', [4], ALL_TROUBLES, (part, options) => startBullMq(part, '30/1000', options)),
  ...scenariosOf('BullMQ 1/34', [1, 4], ['none'], (part, options) => startBullMq(part, '1/34', options)),
];

/** Those whose names contain the text; the one of exactly this name where there is one. */
function chosen(text: string): Scenario[] {
  const exact = SCENARIOS.filter(({ name }) => name === text);
  const scenarios = exact.length > 0 ? exact : SCENARIOS.filter(({ name }) => name.includes(text));
  const all = () => SCENARIOS.map(({ name }) => `  ${name}`).join('\n');
  if (scenarios.length === 0) throw new Error(`--only must be a part of one of these names:\n${all()}`);
  return scenarios;
}

function wholeNumber(bench: Bench, option: keyof typeof OPTIONS, fallback: number): number {
  const value = Number(bench.options[option] ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`);
  return value;
}

const resultOf = (name: string, figures: Figures): CaseResult => ({
  name,
  figures: Object.fromEntries(Object.entries(figures).map(([column, value]) => [column, summarise([value])])),
});

function verdict(rate: Figures, bookings: Figures, trouble: Trouble): string {
  const missed = missedGoals(rate, bookings, trouble === 'none');
  if (missed.length > 0) return missed.join('; ');
  return trouble === 'none' ? 'all goals met' : 'never above 30, no 429 of its own, nobody lost or told twice';
}

async function measure(bench: Bench): Promise<Report> {
  if (bench.options.million) return await measureMillion(bench, wholeNumber(bench, 'recipients', 1_000_000));
  const seconds = wholeNumber(bench, 'seconds', DEFAULT_SECONDS);
  const scenarios = chosen(String(bench.options.only ?? ''));
  const results: CaseResult[] = [];
  const beside: CaseResult[] = [];
  const plots: RunPlot[] = [];
  const notes: string[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    const { name, trouble } = scenario;
    const record = await runScenario(bench, scenario, seconds, `s${index}`);
    const rate = rateFigures(record);
    const bookings = bookingFigures(record);
    results.push(resultOf(name, rate));
    beside.push(resultOf(name, bookings));
    plots.push({ name, arrivals: record.arrivals });
    if (name.startsWith(OURS)) notes.push(`${name}: ${verdict(rate, bookings, trouble)}.`);
  }
  const file = String(bench.options.svg ?? join('bench', 'broadcast.svg'));
  await writeFile(file, rateChart(plots));
  return { results, beside, notes: [...notes, ...explained(seconds, file)] };
}

const explained = (seconds: number, file: string): string[] => [
  `A backlog of ${30 * seconds} recipients, and ${BOOKINGS_PER_SECOND} bookings a second of three messages each until it is sent; drawn in ${file}.`,
  "Use: messages of both kinds from the broadcast's first to its last, beside 30 a second. Most in 1 s: requests, refused ones too, at the",
  "receiver: Telegram's simulator, which refuses the 31st. 429s ordered: the first message to one chat in 100 is refused with 1–3 s to wait.",
  'Lost: whom the broadcast never reached; admitted: how many of them the sender itself has on record as not reached.',
  'Killed: the process that sends the broadcast, by SIGKILL in the middle; another starts a second later. Stalls: SIGSTOP of a sender for',
  '200–800 ms about once in one and a half seconds. The second table: from the answer to POST /v1/bookings (peers: from when the messages were',
  'accepted) to the arrival of the first, second and third message. Peers send again after each 429 as it asks. Receiver, bench, Redis',
  '(appendfsync always), API with scheduler and each worker are processes of their own.',
];

await runBench('broadcast', measure, OPTIONS);
