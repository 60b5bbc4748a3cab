import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgressBar } from '#src/commands/progress-bar.ts';
import type { Bench, Report } from './bench-run.ts';
import { startVestnik, type Vestnik } from './broadcast-vestnik.ts';
import { startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { type CaseResult, summarise } from './rounds.ts';
import { figure } from './table.ts';

/** One broadcast to very many, with the rate lifted: does the pace hold, and does memory stay? */

const STEPS = 10;
const LOOK_EVERY_MS = 500;
/** Without one more message. */
const STUCK_MS = 60_000;
const LIFTED_RATE = 1_000_000;
const MIB = 1024;

interface Progress {
  messages: number;
  people: number;
  /** When the first message came, and when each further step was full. */
  stepsAt: number[];
}

/** MiB, and the worker's processor time so far. */
interface Sample {
  worker: number;
  front: number;
  cpuMicros: number;
}

/** Resident memory of a process in MiB (proc(5), VmRSS). */
async function rssMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / MIB;
}

async function sampleOf({ senders: [worker], front }: Vestnik): Promise<Sample> {
  if (!worker) throw new Error('there is no worker');
  const { cpuMicros } = await worker.usage();
  return { worker: await rssMib(worker.pid), front: await rssMib(front.pid), cpuMicros };
}

/** Until all have come or nothing moves any more; answers a sample at the end of each step. */
async function watch(bench: Bench, vestnik: Vestnik, recipients: number, look: () => Promise<Progress>) {
  const samples: Sample[] = [];
  const bar = createProgressBar(recipients);
  let progress = await look();
  for (let movedAt = monotonicMs(); monotonicMs() - movedAt < STUCK_MS; await sleep(LOOK_EVERY_MS)) {
    const before = progress.messages;
    progress = await look();
    if (progress.messages > before) movedAt = monotonicMs();
    bar.update(progress.people);
    while (samples.length < progress.stepsAt.length - 1) {
      samples.push(await sampleOf(vestnik));
      bench.say(`${progress.messages} messages, worker ${figure(samples.at(-1)?.worker ?? 0)} MiB`);
    }
    if (progress.people >= recipients && (await vestnik.isFinished())) break;
  }
  bar.finish();
  return { progress: await look(), samples };
}

/** @param samples the first is of before */
function rowsOf({ stepsAt }: Progress, samples: readonly Sample[], step: number): CaseResult[] {
  return samples.slice(1).map(({ worker, front, cpuMicros }, index) => {
    const cpuBefore = samples[index]?.cpuMicros ?? Number.NaN;
    const ms = (stepsAt[index + 1] ?? Number.NaN) - (stepsAt[index] ?? Number.NaN);
    const figures = {
      'messages/s': summarise([(1000 * step) / ms]),
      'worker CPU µs/message': summarise([(cpuMicros - cpuBefore) / step]),
      'worker MiB': summarise([worker]),
      'API and scheduler MiB': summarise([front]),
    };
    return { name: `up to ${((index + 1) * step).toLocaleString('en-US')}`, figures };
  });
}

export async function measureMillion(bench: Bench, recipients: number): Promise<Report> {
  const step = Math.ceil(recipients / STEPS);
  const counter = await startChild(bench, 'broadcast-counter', { RECIPIENTS: String(recipients), STEP: String(step) });
  bench.say(`inserting ${recipients} users`);
  const vestnik = await startVestnik(bench, {
    apiRoot: counter.url,
    recipients,
    salons: 0,
    processes: 1,
    ratePerSecond: LIFTED_RATE,
  });
  const before = await sampleOf(vestnik);
  await vestnik.startBroadcast();
  const look = async () => (await (await fetch(`${counter.url}/progress`)).json()) as Progress;
  const { progress, samples } = await watch(bench, vestnik, recipients, look);
  const results = rowsOf(progress, [before, ...samples], step);
  const paces = results.map(({ figures }) => figures['messages/s']?.median ?? Number.NaN);
  const spread = 100 * (1 - Math.min(...paces) / Math.max(...paces));
  return {
    results,
    notes: [
      `${recipients - progress.people} lost, ${progress.messages - progress.people} repeated. The slowest step is ${figure(spread)} % below the fastest (goal: 15 %).`,
      'One worker, BROADCAST_RATE_PER_SECOND=1000000, a receiver that answers at once and keeps nothing; memory is resident (VmRSS) at the',
      `end of each step; before, the worker had ${figure(before.worker)} MiB, the API and scheduler ${figure(before.front)}. Receiver, Redis (appendfsync`,
      'always), API with scheduler and worker are processes of their own on the same cores.',
    ],
  };
}
