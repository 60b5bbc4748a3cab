import { setTimeout as sleep } from 'node:timers/promises';
import { createProgressBar } from '#src/commands/progress-bar.ts';
import { type Bench, runPart } from './bench-run.ts';
import type { BroadcastContender, ContenderOptions } from './broadcast-contender.ts';
import type { RunRecord } from './broadcast-figures.ts';
import { makeTrouble } from './broadcast-trouble.ts';
import {
  type Arrival,
  BOOKINGS_PER_SECOND,
  type Booking,
  RATE_PER_SECOND,
  scripted429s,
  type Trouble,
  WARM_UP_BOOKINGS,
} from './broadcast-work.ts';
import { startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { PEOPLE } from './salons.ts';

const LOOK_EVERY_MS = 250;
/** The rate's window must be empty when the broadcast begins. */
const QUIET_MS = 1500;
const STRAGGLERS_MS = 5000;
const WARM_UP_LIMIT_MS = 20_000;

export interface Scenario {
  name: string;
  trouble: Trouble;
  processes: number;
  start(part: Bench, options: ContenderOptions): Promise<BroadcastContender>;
}

interface Receiver {
  apiRoot: string;
  /** How many chats were reached. */
  progress(): Promise<{ recipients: number; people: number }>;
  record(): Promise<Arrival[]>;
}

async function startReceiver(part: Bench, env: Record<string, string>): Promise<Receiver> {
  const { url } = await startChild(part, 'broadcast-receiver', env);
  const ask = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  return {
    apiRoot: (await ask<{ apiRoot: string }>('/')).apiRoot,
    progress: () => ask('/progress'),
    record: () => ask('/record'),
  };
}

/** True as soon as `probe` is, false when the time is up. */
async function within(ms: number, probe: () => Promise<boolean>): Promise<boolean> {
  const giveUpAt = monotonicMs() + ms;
  while (monotonicMs() < giveUpAt) {
    if (await probe()) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

/** Some bookings alone, until all their messages have arrived. */
async function warmUp(contender: BroadcastContender, receiver: Receiver): Promise<void> {
  for (let salon = 0; salon < WARM_UP_BOOKINGS; salon += 1) await contender.book(salon);
  const all = WARM_UP_BOOKINGS * PEOPLE.length;
  if (!(await within(WARM_UP_LIMIT_MS, async () => (await receiver.progress()).people === all)))
    throw new Error('the bookings before the broadcast did not arrive');
  await sleep(QUIET_MS);
}

/** A booking every half second, whatever becomes of those before; answers all once it is aborted. */
async function bookSteadily(contender: BroadcastContender, salons: number, signal: AbortSignal): Promise<Booking[]> {
  const made: Promise<Booking>[] = [];
  const startedAt = monotonicMs();
  for (let salon = WARM_UP_BOOKINGS; salon < salons && !signal.aborted; salon += 1) {
    const booking = contender.book(salon).then((committedAt) => ({ salon, committedAt }));
    booking.catch(() => undefined); // thrown below
    made.push(booking);
    const nextAt = startedAt + (made.length * 1000) / BOOKINGS_PER_SECOND;
    await sleep(Math.max(0, nextAt - monotonicMs()));
  }
  return await Promise.all(made);
}

/** Sends the broadcast, with bookings and trouble beside it; answers the bookings. */
async function runBeside(
  contender: BroadcastContender,
  receiver: Receiver,
  { recipients, salons, trouble, limitMs, killAfterMs }: RunSize & { trouble: Trouble },
): Promise<Booking[]> {
  const over = new AbortController();
  const end = () => over.abort();
  await contender.startBroadcast();
  const beside = Promise.all([
    bookSteadily(contender, salons, over.signal),
    makeTrouble(trouble, contender, killAfterMs, over.signal),
  ]);
  beside.catch(end);
  const bar = createProgressBar(recipients);
  try {
    await within(limitMs, async () => {
      const reached = (await receiver.progress()).recipients;
      bar.update(reached);
      return over.signal.aborted || reached === recipients || (await contender.isFinished());
    });
  } finally {
    bar.finish();
    end();
  }
  const [bookings] = await beside;
  return bookings;
}

interface RunSize {
  recipients: number;
  salons: number;
  /** The broadcast is waited for no longer. */
  limitMs: number;
  killAfterMs: number;
}

function sizeOf(seconds: number): RunSize {
  const limitMs = (2 * seconds + 30) * 1000;
  return {
    recipients: RATE_PER_SECOND * seconds,
    salons: WARM_UP_BOOKINGS + Math.ceil((limitMs / 1000) * BOOKINGS_PER_SECOND),
    limitMs,
    killAfterMs: (seconds / 2) * 1000,
  };
}

/** A backlog of so many seconds at the full rate, in a folder of its own. Bounded by about 2.5 times that. */
export async function runScenario(
  bench: Bench,
  { name, trouble, processes, start }: Scenario,
  seconds: number,
  folder: string,
): Promise<RunRecord> {
  return await runPart(bench, folder, async (part) => {
    const size = sizeOf(seconds);
    const { recipients, salons } = size;
    const scripted = trouble === '429' ? scripted429s(recipients) : new Map<number, number>();
    bench.say(`${name}: starting`);
    const receiver = await startReceiver(part, {
      SALONS: String(salons),
      RECIPIENTS: String(recipients),
      ...(scripted.size > 0 && { RANDOM_429S: '1' }),
    });
    const contender = await start(part, { apiRoot: receiver.apiRoot, recipients, salons, processes });
    await warmUp(contender, receiver);

    bench.say(`${name}: ${recipients} recipients`);
    const startedAt = monotonicMs();
    const bookings = await runBeside(contender, receiver, { ...size, trouble });
    const people = (WARM_UP_BOOKINGS + bookings.length) * PEOPLE.length;
    await within(STRAGGLERS_MS, async () => (await receiver.progress()).people === people);
    await sleep(QUIET_MS);
    const arrivals = (await receiver.record()).filter(({ at }) => at >= startedAt);
    const admittedLosses = await contender.admittedLosses();
    return { recipients, arrivals, bookings, scripted: new Set(scripted.keys()), admittedLosses };
  });
}
