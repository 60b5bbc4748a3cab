import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiContender, startVestnik } from './api-contenders.ts';
import { orderLoad } from './api-load.ts';
import type { ApiPart, PartBench, PartResult } from './api-part.ts';
import { type MessageArrival, pathFigures } from './api-path-figures.ts';
import { type Child, startChild } from './child-process.ts';
import type { Case, Figures } from './rounds.ts';
import { PEOPLE, type Salon } from './salons.ts';

/** From a booking over HTTP to each of its messages at Telegram's simulator, at fixed rates, with the limit of 30 a second lifted. */

const SALONS = 64;
const RATES = [50, 200, 1000];
const CONNECTIONS = 64;
const WARM_UP = { perSecond: 100, durationMs: 2000 };
/** Every booking is to be answered, however far behind the server is: only so is it known what it owes. */
const STRAGGLERS_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** No message for so long: no more come. A retry of a failed message comes within ten. */
const SILENCE_MS = 12_000;

/** How the product's roles are spread over processes; the API is in the first. */
const LAYOUTS = {
  'one process': ['api,worker,bot,scheduler'],
  'API and worker apart': ['api,bot,scheduler', 'worker'],
} as const;

interface Path {
  name: string;
  app: ApiContender & { salons: Salon[]; others: Child[] };
  generator: Child;
  receiver: Child;
}

const ask = async <T>(receiver: Child, path: string): Promise<T> =>
  (await (await fetch(receiver.url + path)).json()) as T;

/** Until so many messages have come, or no more do. */
async function arrivalsOf(receiver: Child, expected: number): Promise<MessageArrival[]> {
  let count = 0;
  for (let changedAt = performance.now(); count < expected && performance.now() - changedAt < SILENCE_MS; ) {
    const now = await ask<number>(receiver, '/count');
    if (now > count) changedAt = performance.now();
    count = now;
    await sleep(LOOK_EVERY_MS);
  }
  return await ask(receiver, '/take');
}

async function runAt({ app, generator, receiver }: Path, perSecond: number, durationMs: number): Promise<Figures> {
  const processes = [app.child, ...app.others];
  const cpuMicros = async () =>
    (await Promise.all(processes.map((child) => child.usage()))).reduce((sum, usage) => sum + usage.cpuMicros, 0);
  const before = await cpuMicros();
  const done = await orderLoad(generator, {
    url: app.child.url,
    work: { kind: 'bookings', salons: app.salons },
    pace: { kind: 'fixed', perSecond },
    connections: CONNECTIONS,
    durationMs,
    stragglersMs: STRAGGLERS_MS,
    keepsRecord: true,
  });
  const arrivals = await arrivalsOf(receiver, done.answers * PEOPLE.length);
  const lastAt = arrivals.reduce((last, { at }) => Math.max(last, at), 0);
  const firstDueAt = done.record[0]?.dueAt ?? Number.NaN;
  return {
    bookings: done.answers,
    unanswered: done.unanswered,
    'messages/s': (arrivals.length * 1000) / (lastAt - firstDueAt),
    ...pathFigures(done.record, arrivals, SALONS),
    'CPU µs a booking': ((await cpuMicros()) - before) / done.answers,
  };
}

async function startPath(part: PartBench, name: keyof typeof LAYOUTS, number: number): Promise<Path> {
  part.say(`starting: ${name}`);
  const generator = await startChild(part, 'api-load-process', {});
  const receiver = await startChild(part, 'api-path-receiver', { SALONS: String(SALONS) });
  const { apiRoot: telegramRoot } = await ask<{ apiRoot: string }>(receiver, '/');
  const setup = { name: `vestnik-${number}`, roles: LAYOUTS[name], salons: SALONS, telegramRoot };
  const path = { name, app: await startVestnik(part, setup), generator, receiver };
  part.say(`warm-up: ${name}`);
  await runAt(path, WARM_UP.perSecond, WARM_UP.durationMs);
  return path;
}

async function measurePath(part: PartBench): Promise<PartResult> {
  const cases: Case[] = [];
  for (const [number, name] of (Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[]).entries()) {
    const path = await startPath(part, name, number);
    for (const rate of RATES)
      cases.push({ name: `${name}, ${rate} bookings/s`, run: () => runAt(path, rate, part.durationMs) });
  }
  return {
    results: await part.measure(cases),
    goals: [],
    notes: [
      `Bookings at a fixed rate over ${CONNECTIONS} connections in ${SALONS} salons, three messages each; BROADCAST_RATE_PER_SECOND=1000000. From when a booking was due, and from`,
      "its answer (after the commit), to when a message's whole request is in at the simulator; over all messages. Where the rate is more than the machine",
      'can do, messages/s tells what it did, and the latencies grow with the length of the run.',
    ],
  };
}

export const PATH_PART: ApiPart = {
  name: 'path',
  about: 'booking → message at Telegram at 50, 200 and 1,000 bookings a second, limit lifted',
  budgetMs: 110_000,
  run: measurePath,
};
