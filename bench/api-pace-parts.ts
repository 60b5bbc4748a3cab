import { goalOf, roundRatios } from './api-goals.ts';
import { BARE, OURS, openLab, PEER, type Stand } from './api-lab.ts';
import type { LoadWork } from './api-load.ts';
import type { ApiPart, PartBench, PartResult } from './api-part.ts';
import type { Case, CaseResult, Figures } from './rounds.ts';

/** How many requests a second at 64 connections. */

const CONNECTIONS = 64;
const ARRAYS = [1, 10, 100, 1000];

const caseOf = (part: PartBench, stand: Stand, work: LoadWork, name = stand.name): Case => ({
  name,
  async run() {
    const pace = { kind: 'closed' } as const;
    return (await stand.run({ work, pace, connections: CONNECTIONS, durationMs: part.durationMs })).figures;
  },
});

const percent = (ratios: readonly number[]): number[] => ratios.map((ratio) => 100 * ratio);

async function measureEvents(part: PartBench): Promise<PartResult> {
  const { stands } = await openLab(part, 'events');
  const results = await part.measure(stands.map((stand) => caseOf(part, stand, { kind: 'events', each: 1 })));
  const pace = (peer: string) => roundRatios(results, 'requests/s', OURS, peer);
  const spent = (peer: string) => roundRatios(results, 'CPU µs', peer, OURS);
  return {
    results,
    goals: [
      goalOf(`POST /v1/events: pace beside ${BARE}`, '%', percent(pace(BARE)), { atLeast: 60 }),
      goalOf('the same by processor time of the server', '%', percent(spent(BARE)), { atLeast: 60 }),
      goalOf(`POST /v1/events: pace beside ${PEER}`, '×', pace(PEER), { atLeast: 4 }),
      goalOf('the same by processor time of the server', '×', spent(PEER), { atLeast: 4 }),
    ],
    notes: [
      `One event of 170 B a request, ${CONNECTIONS} connections, closed loop. The bare handler has no key, check, id or marker against repeats, and ioredis's`,
      'auto-pipelining; Vestnik sends what came together in one script. The peer has the same checks and adds a job.',
    ],
  };
}

/** The figures of a request that holds many events, by event. */
function byEvent({ figures, name }: CaseResult, each: number): CaseResult {
  const scaled = (column: string, factor: number) => {
    const { median, min, max, samples } = figures[column] ?? { median: 0, min: 0, max: 0, samples: [] };
    return { median: median * factor, min: min * factor, max: max * factor, samples: samples.map((s) => s * factor) };
  };
  const { 'requests/s': _requests, 'CPU µs': _cpu, 'Redis CPU µs': _redis, ...others } = figures;
  return {
    name,
    figures: {
      'events/s': scaled('requests/s', each),
      'CPU µs an event': scaled('CPU µs', 1 / each),
      'Redis CPU µs an event': scaled('Redis CPU µs', 1 / each),
      ...others,
    },
  };
}

async function measureArrays(part: PartBench): Promise<PartResult> {
  const { stands } = await openLab(part, 'events');
  const measured = stands
    .filter(({ name }) => name !== BARE)
    .flatMap((stand) => ARRAYS.map((each) => ({ stand, each, name: `${stand.name}, ${each} a request` })));
  const cases = measured.map(({ stand, each, name }) => caseOf(part, stand, { kind: 'events', each }, name));
  const results = await part.measure(cases);
  return {
    results: results.map((result, index) => byEvent(result, measured[index]?.each ?? 1)),
    goals: [],
    notes: [
      `${CONNECTIONS} connections, closed loop; a thousand events are the most that one request may hold. The peer adds an array by addBulk.`,
    ],
  };
}

async function measureBookings(part: PartBench): Promise<PartResult> {
  const { stands, salons } = await openLab(part, 'bookings');
  const results = await part.measure(stands.map((stand) => caseOf(part, stand, { kind: 'bookings', salons })));
  const peer = stands.find(({ name }) => name !== OURS)?.name ?? '';
  const p99: Figures[string][] = results.find(({ name }) => name === OURS)?.figures['p99 ms']?.samples ?? [];
  return {
    results,
    goals: [
      goalOf(`POST /v1/bookings: pace beside ${peer}`, '×', roundRatios(results, 'requests/s', OURS, peer), {
        atLeast: 15,
      }),
      goalOf('the same by processor time of the server', '×', roundRatios(results, 'CPU µs', peer, OURS), {
        atLeast: 15,
      }),
      goalOf(`POST /v1/bookings: p99 at ${CONNECTIONS} connections`, 'ms', p99, { atMost: 50 }),
    ],
    notes: [
      `One booking a request, ${CONNECTIONS} connections, closed loop, SQLite (WAL) for both; the answer comes when the disk has the commit. Vestnik's`,
      'relay puts the events into the stream meanwhile; the peer adds a job before it answers. Nobody delivers.',
    ],
  };
}

export const PACE_PARTS: ApiPart[] = [
  {
    name: 'events',
    about: 'POST /v1/events beside a bare handler and Fastify + BullMQ',
    budgetMs: 60_000,
    run: measureEvents,
  },
  { name: 'arrays', about: 'events a second in arrays of up to 1,000', budgetMs: 75_000, run: measureArrays },
  {
    name: 'bookings',
    about: 'POST /v1/bookings, durable, beside Fastify + MikroORM + BullMQ',
    budgetMs: 75_000,
    run: measureBookings,
  },
];
