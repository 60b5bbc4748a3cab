import { openLab, type Stand } from './api-lab.ts';
import type { LoadWork, Pace } from './api-load.ts';
import type { ApiPart, PartBench, PartResult } from './api-part.ts';
import type { Case } from './rounds.ts';
import { figure } from './table.ts';

/** How long requests take: at so many connections, and at fixed shares of the pace that a server can keep. */

const CONNECTIONS = [1, 64, 512];
const SHARES = [0.5, 0.75, 0.9];
const PEAK_CONNECTIONS = 64;

/** Requests a second in a closed loop. */
async function peakOf(part: PartBench, stand: Stand, work: LoadWork): Promise<number> {
  part.say(`peak: ${stand.name}`);
  const { durationMs } = part;
  const { done } = await stand.run({ work, pace: { kind: 'closed' }, connections: PEAK_CONNECTIONS, durationMs });
  return (done.answers * 1000) / done.elapsedMs;
}

function casesOf(part: PartBench, stand: Stand, work: LoadWork, peak: number): Case[] {
  const caseOf = (name: string, pace: Pace, connections: number): Case => ({
    name: `${stand.name}: ${name}`,
    async run() {
      const { figures, done } = await stand.run({ work, pace, connections, durationMs: part.durationMs });
      return { ...figures, unanswered: done.unanswered };
    },
  });
  const closed = CONNECTIONS.map((count) =>
    caseOf(count === 1 ? '1 connection' : `${count} connections`, { kind: 'closed' }, count),
  );
  const fixed = SHARES.map((share) =>
    caseOf(`${100 * share} % of its peak`, { kind: 'fixed', perSecond: peak * share }, Math.max(...CONNECTIONS)),
  );
  return [...closed, ...fixed];
}

async function measureLatency(part: PartBench, kind: LoadWork['kind']): Promise<PartResult> {
  const { stands, salons } = await openLab(part, kind);
  const work: LoadWork = kind === 'events' ? { kind, each: 1 } : { kind, salons };
  const cases: Case[] = [];
  const peaks: string[] = [];
  for (const stand of stands) {
    const peak = await peakOf(part, stand, work);
    peaks.push(`${stand.name} ${figure(peak)}`);
    cases.push(...casesOf(part, stand, work, peak));
  }
  return {
    results: await part.measure(cases),
    goals: [],
    notes: [
      `Peaks, requests a second at ${PEAK_CONNECTIONS} connections before the rounds: ${peaks.join('; ')}.`,
      'With a number of connections: closed loop, from sending to the whole answer. At a share of the peak: open loop, from the moment when a request was',
      `due (every 1/rate, handed out each millisecond) to the whole answer, over at most ${Math.max(...CONNECTIONS)} connections, so that a stall is charged with all who came meanwhile.`,
    ],
  };
}

export const LATENCY_PARTS: ApiPart[] = [
  {
    name: 'latency of events',
    about: 'percentiles at 1, 64, 512 connections and at 50, 75, 90 % of the peak',
    budgetMs: 140_000,
    run: (part) => measureLatency(part, 'events'),
  },
  {
    name: 'latency of bookings',
    about: 'the same of POST /v1/bookings',
    budgetMs: 120_000,
    run: (part) => measureLatency(part, 'bookings'),
  },
];
