import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgressBar } from '#src/commands/progress-bar.ts';
import { type Bench, type Report, runBench, runPart } from './bench-run.ts';
import { bookingFigures, mostInSlidingSecond } from './broadcast-figures.ts';
import { type Arrival, type Booking, isRecipient, RATE_PER_SECOND, WARM_UP_BOOKINGS } from './broadcast-work.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { createCrowd } from './reminder-crowd.ts';
import { type Product, type Receiver, rssMib, type Size, startProduct, startReceiver } from './reminder-stand.ts';
import { type CaseResult, type Figures, summarise } from './rounds.ts';
import { figure } from './table.ts';

/** Very many reminders that come due within one minute: how fast they go, how long the messages of bookings wait beside them, what memory they take. */

const OPTIONS = { bookings: { type: 'string' }, seconds: { type: 'string' } } as const;
const DEFAULT_BOOKINGS = 100_000;
/** Of the run at Telegram's rate, which could not be waited for to its end. */
const DEFAULT_SECONDS = 60;

const DUE_WITHIN_MS = 60_000;
/** From the crowd's making to its first reminder: the start, the salons, and some bookings alone. */
const HEAD_START_MS = 90_000;
const ALONE_AT_LEAST_MS = 15_000;
/** What one rate leaves room for, as much as a broadcast's bench makes. */
const BOOKINGS_PER_SECOND = { lifted: 5, limited: 2 };
const LOOK_EVERY_MS = 250;
const STUCK_MS = 30_000;
const STRAGGLERS_MS = 5_000;
const STEPS = 5;

/** Each salon once, at a fixed rate, until the end is told; answers what was booked. */
async function bookSteadily(
  { book, salons }: Product,
  firstSalon: number,
  perSecond: number,
  ended: () => boolean,
): Promise<Booking[]> {
  const made: Promise<Booking>[] = [];
  const startedAt = monotonicMs();
  for (let salon = firstSalon; salon < salons && !ended(); salon += 1) {
    const booking = book(salon);
    booking.catch(() => undefined); // thrown below
    made.push(booking);
    await sleep(Math.max(0, startedAt + (made.length * 1000) / perSecond - monotonicMs()));
  }
  return await Promise.all(made);
}

interface Step {
  reminded: number;
  at: number;
  front: number;
  worker: number;
  cpuMicros: number;
}

async function stepOf({ front, worker }: Product, reminded: number): Promise<Step> {
  const { cpuMicros } = await worker.usage();
  return { reminded, at: monotonicMs(), front: await rssMib(front), worker: await rssMib(worker), cpuMicros };
}

/** Until all are reminded, the time is up or nothing moves; answers a sample at the beginning and at the end of each fifth. */
async function watch(product: Product, receiver: Receiver, { bookings, seconds }: Size): Promise<Step[]> {
  const bar = createProgressBar(bookings);
  const steps: Step[] = [];
  const endsAt = seconds === null ? Number.POSITIVE_INFINITY : monotonicMs() + seconds * 1000;
  let reminded = 0;
  for (
    let movedAt = monotonicMs();
    monotonicMs() - movedAt < STUCK_MS && monotonicMs() < endsAt;
    await sleep(LOOK_EVERY_MS)
  ) {
    const now = await receiver.reminded();
    if (now > reminded) movedAt = monotonicMs();
    if (now > 0 && (steps.length === 0 || now >= (bookings * steps.length) / STEPS))
      steps.push(await stepOf(product, now));
    reminded = now;
    bar.update(reminded);
    if (reminded >= bookings) break;
  }
  bar.finish();
  return [...steps, await stepOf(product, reminded)];
}

function paceRows(name: string, steps: readonly Step[]): CaseResult[] {
  const rows = steps.slice(1).filter(({ reminded }, index) => reminded > (steps[index]?.reminded ?? 0));
  return rows.map((step) => {
    const before = steps[steps.indexOf(step) - 1] ?? step;
    const reminders = step.reminded - before.reminded;
    return {
      name: `${name}, up to ${step.reminded.toLocaleString('en-US')}`,
      figures: {
        'reminders/s': summarise([(reminders * 1000) / (step.at - before.at)]),
        'worker CPU µs a reminder': summarise([(step.cpuMicros - before.cpuMicros) / reminders]),
        'worker MiB': summarise([step.worker]),
        'API and scheduler MiB': summarise([step.front]),
      },
    };
  });
}

interface Run {
  waits: CaseResult[];
  paces: CaseResult[];
  notes: string[];
}

const rowOf = (name: string, figures: Figures): CaseResult => ({
  name,
  figures: Object.fromEntries(Object.entries(figures).map(([column, value]) => [column, summarise([value])])),
});

async function measureRun(part: Bench, name: string, size: Size): Promise<Run> {
  const { bookings, seconds } = size;
  part.say(`${name}: inserting ${bookings} bookings`);
  const database = join(part.folder, 'vestnik.sqlite');
  const receiver = await startReceiver(part, size);
  const dueFrom = Date.now() + HEAD_START_MS;
  await createCrowd(database, { bookings, dueFrom, withinMs: DUE_WITHIN_MS });
  const product = await startProduct(part, database, receiver.apiRoot, size);
  for (let salon = 0; salon < WARM_UP_BOOKINGS; salon += 1) await product.book(salon);
  if (dueFrom - Date.now() < ALONE_AT_LEAST_MS) throw new Error('the machine is too slow: the reminders come too soon');

  const perSecond = BOOKINGS_PER_SECOND[seconds === null ? 'lifted' : 'limited'];
  part.say(`${name}: bookings alone`);
  const alone = await bookSteadily(product, WARM_UP_BOOKINGS, perSecond, () => Date.now() >= dueFrom - STRAGGLERS_MS);
  await sleep(Math.max(0, dueFrom - Date.now()));
  part.say(`${name}: reminders`);
  let over = false;
  const watching = watch(product, receiver, size).finally(() => {
    over = true;
  });
  const beside = await bookSteadily(product, WARM_UP_BOOKINGS + alone.length, perSecond, () => over);
  const steps = await watching;
  await sleep(STRAGGLERS_MS);

  const arrivals = await receiver.arrivals();
  const figuresOf = (made: readonly Booking[]) =>
    bookingFigures({ ...{ arrivals, bookings: made, recipients: 0 }, scripted: new Set(), admittedLosses: 0 });
  return {
    waits: [rowOf(`${name}: before`, figuresOf(alone)), rowOf(`${name}: beside reminders`, figuresOf(beside))],
    paces: paceRows(name, steps),
    notes: [await summaryOf(size, receiver, arrivals, steps)],
  };
}

async function summaryOf(
  { bookings, seconds }: Size,
  receiver: Receiver,
  arrivals: readonly Arrival[],
  steps: readonly Step[],
): Promise<string> {
  const first = steps[0]?.at ?? Number.NaN;
  const tookS = ((steps.at(-1)?.at ?? Number.NaN) - first) / 1000;
  const reminded = await receiver.reminded();
  if (seconds === null) {
    const staff = arrivals.filter(({ chat }) => isRecipient(chat)).length;
    return `Limit lifted: ${reminded} of ${bookings} clients were reminded and ${staff} messages told the specialists, in ${figure(tookS)} s.`;
  }
  const during = arrivals.filter(({ at, status }) => status === 200 && at >= first && at <= first + tookS * 1000);
  const refused = arrivals.filter(({ status }) => status === 429).length;
  const most = mostInSlidingSecond(arrivals.map(({ at }) => at));
  const use = (100 * during.length) / (RATE_PER_SECOND * tookS);
  return `At 30 a second, the first ${figure(tookS)} s: ${figure(use)} % of the rate used, ${most} in a sliding second at most, ${refused} 429s.`;
}

function wholeNumber(bench: Bench, option: keyof typeof OPTIONS, fallback: number): number {
  const value = Number(bench.options[option] ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} must be a whole number from 1`);
  return value;
}

async function measure(bench: Bench): Promise<Report> {
  const bookings = wholeNumber(bench, 'bookings', DEFAULT_BOOKINGS);
  const seconds = wholeNumber(bench, 'seconds', DEFAULT_SECONDS);
  const lifted = await runPart(bench, 'lifted', (part) =>
    measureRun(part, 'limit lifted', { bookings, seconds: null }),
  );
  const limited = await runPart(bench, 'limited', (part) => measureRun(part, '30 a second', { bookings, seconds }));
  return {
    results: [...lifted.waits, ...limited.waits],
    beside: lifted.paces,
    notes: [
      ...lifted.notes,
      ...limited.notes,
      `${bookings} bookings of 20 companies, whose only reminder comes due within one minute, each for its client and its specialist; beside them`,
      `${BOOKINGS_PER_SECOND.lifted} bookings a second (${BOOKINGS_PER_SECOND.limited} at 30 messages a second) in other companies, three messages each. Waits count from the booking's answer to the arrival`,
      'of its first, second and third message. API with scheduler, worker, receiver and Redis (appendfsync always) are processes of their own on the same cores.',
    ],
  };
}

await runBench('reminders', measure, OPTIONS);
