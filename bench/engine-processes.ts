import { availableParallelism } from 'node:os';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { BULLMQ_CONCURRENCY } from './engine-bullmq.ts';
import { type ContenderName, DELIVERIES, recipients, TITLES } from './engine-contender.ts';
import { type Lab, openLab } from './engine-crew.ts';
import { times } from './engine-ratio.ts';
import { workOff } from './engine-work-off.ts';
import type { Case, CaseResult } from './rounds.ts';

/** Deliveries a second of 1, 2 and 4 processes together. */

const PROCESSES = [1, 2, 4];
const PARTITIONS = 4;
const BYTES = 200;
const CONTENDERS: { contender: ContenderName; each: number }[] = [
  { contender: 'engine', each: 1 },
  { contender: 'engine', each: 3 },
  { contender: 'bare', each: 1 },
  { contender: 'bullmq', each: 1 },
];

const nameOf = (contender: ContenderName, each: number, processes: number): string =>
  `${processes === 1 ? '1 process' : `${processes} processes`}: ${TITLES[contender]}${contender === 'engine' ? `, ${recipients(each)}` : ''}`;

function caseOf(lab: Lab, contender: ContenderName, each: number, processes: number): Case {
  const effort = { contender, each, bytes: BYTES, events: Math.ceil(DELIVERIES[contender] / each) };
  const partitions = contender === 'engine' ? PARTITIONS : 1;
  return {
    name: nameOf(contender, each, processes),
    async run() {
      const crew = await lab.crew(contender, processes);
      const worked = await workOff(lab, { ...effort, crew, partitions });
      return {
        'deliveries/s': worked.deliveriesPerSecond,
        'CPU µs/delivery': worked.cpuMicros,
        'Redis CPU µs/delivery': worked.redisMicros,
      };
    },
  };
}

function comparison(results: CaseResult[], processes: number): string {
  const ours = nameOf('engine', 1, processes);
  const versus = (peer: string) => times(results, 'deliveries/s', ours, peer);
  const alone = processes === 1 ? '' : `, ${versus(nameOf('engine', 1, 1))} its own with one process`;
  return `${processes}: the engine makes ${versus(nameOf('bullmq', 1, processes))} BullMQ's deliveries, ${versus(nameOf('bare', 1, processes))} the bare loop's${alone}.`;
}

async function compare(bench: Bench): Promise<Report> {
  const lab = await openLab(bench);
  const cases = PROCESSES.flatMap((processes) =>
    CONTENDERS.map(({ contender, each }) => caseOf(lab, contender, each, processes)),
  );
  bench.say('warm-up');
  for (const { run } of cases.slice(-CONTENDERS.length)) await run();
  const results = await bench.alternate(cases);
  return {
    results,
    notes: [
      ...PROCESSES.map((processes) => comparison(results, processes)),
      `This machine has ${availableParallelism()} cores, which Redis, the processes and this program share. Events of ${BYTES} B; the engine has ${PARTITIONS} partitions,`,
      `spread evenly over the processes; BullMQ a worker a process (concurrency ${BULLMQ_CONCURRENCY} each); the bare loops read one group. The rest as in`,
      'engine-throughput.',
    ],
  };
}

await runBench('engine-processes', compare);
