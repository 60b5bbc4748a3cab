import { type Bench, type Report, runBench } from './bench-run.ts';
import { topCosts } from './cpu-profile.ts';
import { BULLMQ_CONCURRENCY } from './engine-bullmq.ts';
import { type ContenderName, DELIVERIES, recipients, TITLES } from './engine-contender.ts';
import { type Lab, openLab } from './engine-crew.ts';
import { times } from './engine-ratio.ts';
import { workOff } from './engine-work-off.ts';
import type { Case, CaseResult } from './rounds.ts';

/** Deliveries a second of one process and one partition when the handler does nothing: 1 and 3 recipients, 200 B and 2 kB. */

const SIZES = [200, 2000];

const nameOf = (contender: ContenderName, each: number, bytes: number): string =>
  `${TITLES[contender]}, ${contender === 'bare' ? '' : `${recipients(each)}, `}${bytes} B`;

function caseOf(lab: Lab, contender: ContenderName, each: number, bytes: number): Case {
  return {
    name: nameOf(contender, each, bytes),
    async run() {
      const crew = await lab.crew(contender, 1);
      const events = Math.ceil(DELIVERIES[contender] / each);
      const worked = await workOff(lab, { contender, crew, events, bytes, each, partitions: 1 });
      return {
        'events/s': worked.deliveriesPerSecond / each,
        'deliveries/s': worked.deliveriesPerSecond,
        'CPU µs/delivery': worked.cpuMicros,
        'Redis CPU µs/delivery': worked.redisMicros,
      };
    },
  };
}

async function profile(bench: Bench, lab: Lab): Promise<void> {
  bench.say('profile: engine, 1 recipient, 200 B');
  const crew = await lab.crew('engine', 1);
  await workOff(lab, {
    contender: 'engine',
    crew,
    events: DELIVERIES.engine,
    bytes: 200,
    each: 1,
    partitions: 1,
    onFilled: () => crew.lead.startProfile(),
    onSettled: async () => process.stderr.write(`\n${topCosts(await crew.lead.stopProfile())}\n\n`),
  });
}

function ratios(results: CaseResult[]): string[] {
  return SIZES.flatMap((bytes) => {
    const engine = (each: number) => nameOf('engine', each, bytes);
    const faster = (each: number, peer: ContenderName) =>
      times(results, 'deliveries/s', engine(each), nameOf(peer, each, bytes));
    const busier = (peer: ContenderName) => times(results, 'CPU µs/delivery', nameOf(peer, 1, bytes), engine(1));
    return [
      `${bytes} B: the engine makes ${faster(1, 'bullmq')} BullMQ's deliveries, ${faster(3, 'bullmq')} with 3 recipients; ${faster(1, 'bare')} the bare loop's.`,
      `${bytes} B: a delivery takes BullMQ ${busier('bullmq')} the engine's processor time, the bare loop ${busier('bare')}.`,
    ];
  });
}

async function compare(bench: Bench): Promise<Report> {
  const lab = await openLab(bench);
  const cases = SIZES.flatMap((bytes) => [
    caseOf(lab, 'engine', 1, bytes),
    caseOf(lab, 'engine', 3, bytes),
    caseOf(lab, 'bare', 1, bytes),
    caseOf(lab, 'bullmq', 1, bytes),
    caseOf(lab, 'bullmq', 3, bytes),
  ]);
  bench.say('warm-up');
  for (const { run } of cases.slice(0, cases.length / SIZES.length)) await run();
  if (bench.profile) await profile(bench, lab);
  const results = await bench.alternate(cases);
  return {
    results,
    notes: [
      ...ratios(results),
      'A handler that does nothing, in one process; Redis with appendfsync always for all. All events wait in Redis before a run; timed',
      "from the first delivery's beginning to the last event's settlement. The engine (one partition) keeps order, ledger and retry, for 5,000",
      `recipients; BullMQ (concurrency ${BULLMQ_CONCURRENCY}) has one job a recipient; the bare loop (500 at once) knows no recipients and keeps nothing.`,
      'CPU is the processor time of the process, and of Redis: it depends less than the pace on what else the machine does.',
    ],
  };
}

await runBench('engine-throughput', compare);
