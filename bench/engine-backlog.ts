import { publish } from '#streams/publisher.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { eventOf } from './engine-contender.ts';
import { type Lab, openLab } from './engine-crew.ts';
import { times } from './engine-ratio.ts';
import { benchKeys, createSupply, emptyRedis } from './engine-supply.ts';
import { type Effort, usedMemory, workOff } from './engine-work-off.ts';
import type { Case } from './rounds.ts';

/** Whether the engine minds how many events wait: its pace and its memory, and what they cost Redis. */

const MIB = 1024 * 1024;
const SETTLE = 50_000;
/** The smallest backlog: all rows are compared over as many, because the start costs each the same. */
const LAP = 10_000;
const BACKLOGS = [
  { events: 10_000, bytes: 200 },
  { events: 100_000, bytes: 200 },
  { events: 1_000_000, bytes: 200 },
  { events: 100_000, bytes: 2000 },
];
const PLAIN = { contender: 'engine', each: 1, partitions: 1 } as const;
const SIZES = [200, 2000];
/** For Redis's memory alone. */
const MEASURED_EVENTS = 10_000;

const nameOf = (events: number, bytes: number): string => `${events.toLocaleString('en-US')} of ${bytes} B wait`;

/** A process a backlog: what one of them needs does not hide in what another needed before. */
const crewOf = (lab: Lab, events: number, bytes: number) => lab.crew('engine', 1, nameOf(events, bytes));

function caseOf(lab: Lab, events: number, bytes: number): Case {
  return {
    name: nameOf(events, bytes),
    async run() {
      const crew = await crewOf(lab, events, bytes);
      const settle = Math.min(events, SETTLE);
      const effort: Effort = { ...PLAIN, crew, events, bytes, settle, lap: LAP, watchMemory: true };
      const worked = await workOff(lab, effort);
      const memory = worked.done[0]?.memory ?? { rssBefore: 0, rssPeak: 0, heapBefore: 0, heapPeak: 0 };
      return {
        'first 10,000: events/s': worked.lapPerSecond,
        'events/s': worked.deliveriesPerSecond,
        'RSS before MiB': memory.rssBefore / MIB,
        'peak MiB': memory.rssPeak / MIB,
        'heap before MiB': memory.heapBefore / MIB,
        'heap peak MiB': memory.heapPeak / MIB,
        'Redis B/event': worked.bytesPerEvent,
      };
    },
  };
}

/** What Redis keeps for an event that `fill` adds, in bytes. */
async function redisBytes({ redis }: Lab, fill: () => Promise<unknown>): Promise<number> {
  await emptyRedis(redis);
  const before = await usedMemory(redis);
  await fill();
  return ((await usedMemory(redis)) - before) / MEASURED_EVENTS;
}

async function redisMemory(lab: Lab, bytes: number): Promise<string> {
  const event = eventOf(bytes);
  const keys = benchKeys(1)[0];
  const publications = Array.from({ length: MEASURED_EVENTS }, (_, number) => ({
    key: `1:${number}`.padEnd(38),
    event,
  }));
  const published = await redisBytes(lab, () => publish(lab.redis, keys, publications));
  const jobs = await redisBytes(lab, () => createSupply('bullmq', lab.redis, 1).fill(MEASURED_EVENTS, event));
  return `An event of ${bytes} B costs Redis ${Math.round(published)} B when published with its marker; a BullMQ job of the same data ${Math.round(jobs)} B.`;
}

async function measure(bench: Bench): Promise<Report> {
  const lab = await openLab(bench);
  bench.say('warm-up');
  for (const { events, bytes } of BACKLOGS) {
    const crew = await crewOf(lab, events, bytes);
    await workOff(lab, { ...PLAIN, crew, events: SETTLE, bytes });
  }
  const results = await bench.alternate(BACKLOGS.map(({ events, bytes }) => caseOf(lab, events, bytes)));
  const [small, , large] = BACKLOGS.map(({ events, bytes }) => nameOf(events, bytes));
  const memory = [];
  for (const bytes of SIZES) memory.push(await redisMemory(lab, bytes));
  return {
    results,
    notes: [
      `Over the first 10,000 the pace with 1,000,000 waiting is ${times(results, 'first 10,000: events/s', large ?? '', small ?? '')} that with 10,000.`,
      ...memory,
      `The engine with a handler that does nothing, one partition, one recipient an event; over the first ${SETTLE.toLocaleString('en-US')} settled, the others go on waiting.`,
      'A process of its own for each row, warm; memory before is after a garbage collection, the peak is sampled. Redis B/event:',
      'used_memory for the stream alone.',
    ],
  };
}

await runBench('engine-backlog', measure);
