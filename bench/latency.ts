import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { startTelegramSimulator, type TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { startChild } from './child-process.ts';
import { topCosts } from './cpu-profile.ts';
import { startRedis } from './redis-server.ts';
import { type CaseResult, percentile, summarise } from './rounds.ts';
import { ADMIN_API_KEY, chatOf, createBookingBodies, openSalons, PEOPLE, TELEGRAM_BOT_TOKEN } from './salons.ts';
import { figure } from './table.ts';

/** How long after a booking's commit its messages reach Telegram, when nothing else goes on. */

const BOOKINGS = 200;
const WARM_UP = 200;
const PACE_MS = 50;
const SALONS = 8;
const SYNCS = 500;
const SYNC_BYTES = 4096;

interface Timing {
  /** From sending the POST to having read its answer. */
  answerMs: number;
  /** From the answer to the whole request of the k-th message at the simulator. */
  afterAnswerMs: number[];
  /** From sending the POST to the same. */
  afterRequestMs: number[];
}

/** Append, fdatasync, in milliseconds: what each commit and each Redis write waits for on this disk. */
async function measureSyncs(folder: string): Promise<number[]> {
  const file = await open(join(folder, 'sync-probe'), 'a');
  const block = Buffer.alloc(SYNC_BYTES, 1);
  const times: number[] = [];
  for (let number = 0; number < SYNCS; number += 1) {
    await file.write(block);
    const startedAt = performance.now();
    await file.datasync();
    times.push(performance.now() - startedAt);
  }
  await file.close();
  return times;
}

async function bookOnce(url: string, body: string, telegram: TelegramSimulator): Promise<Timing> {
  telegram.clearRequests();
  const sentAt = performance.now();
  const answer = await request(`${url}/v1/bookings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' },
    body,
  });
  await answer.body.dump();
  const answeredAt = performance.now();
  if (answer.statusCode !== 201) throw new Error(`POST /v1/bookings answered ${answer.statusCode}`);
  const sends = () => telegram.requests().filter(({ method }) => method === 'sendmessage');
  await telegram.until(() => sends().length >= PEOPLE.length);
  const arrivals = sends().map(({ at }) => at);
  return {
    answerMs: answeredAt - sentAt,
    afterAnswerMs: arrivals.map((at) => at - answeredAt),
    afterRequestMs: arrivals.map((at) => at - sentAt),
  };
}

function spread(name: string, samples: readonly number[]): CaseResult {
  const at = (share: number) => summarise([percentile(samples, share)]);
  return { name, figures: { 'p50 ms': at(0.5), 'p90 ms': at(0.9), 'p99 ms': at(0.99), 'max ms': at(1) } };
}

async function startSimulator(bench: Bench): Promise<TelegramSimulator> {
  const telegram = await startTelegramSimulator({ token: TELEGRAM_BOT_TOKEN, rate: 'unlimited', keepRequests: 1000 });
  bench.onEnd(() => telegram.stop());
  for (let salon = 0; salon < SALONS; salon += 1)
    for (const role of PEOPLE) telegram.registerUser({ id: chatOf(salon, role), first_name: role });
  return telegram;
}

async function measure(bench: Bench): Promise<Report> {
  const telegram = await startSimulator(bench);
  const app = await startChild(bench, 'vestnik-app', {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(bench.folder, 'vestnik.sqlite')}`,
    REDIS_URL: await startRedis(bench, 'redis', 'always'),
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    BROADCAST_RATE_PER_SECOND: '1000000',
    ADMIN_API_KEY,
    LOG_LEVEL: 'warn',
  });
  const nextBody = createBookingBodies(await openSalons(app.url, SALONS));
  bench.say('warm-up');
  for (let number = 0; number < WARM_UP; number += 1) await bookOnce(app.url, nextBody(), telegram);

  const syncs = await measureSyncs(bench.folder);
  const timings: Timing[] = [];
  const before = await app.usage();
  if (bench.profile) await app.startProfile();
  for (let number = 0; number < BOOKINGS; number += 1) {
    if (number % 50 === 0) bench.say(`booking ${number + 1} of ${BOOKINGS}`);
    const next = sleep(PACE_MS);
    timings.push(await bookOnce(app.url, nextBody(), telegram));
    await next;
  }
  const cpuMs = ((await app.usage()).cpuMicros - before.cpuMicros) / BOOKINGS / 1000;
  if (bench.profile) process.stderr.write(`\n${topCosts(await app.stopProfile())}\n\n`);
  syncs.push(...(await measureSyncs(bench.folder)));

  const ranks = PEOPLE.map((_, rank) => rank);
  return {
    results: [
      spread(
        'POST → answer (committed)',
        timings.map(({ answerMs }) => answerMs),
      ),
      ...ranks.map((k) =>
        spread(
          `answer → message ${k + 1}`,
          timings.map(({ afterAnswerMs }) => afterAnswerMs[k] ?? 0),
        ),
      ),
      ...ranks.map((k) =>
        spread(
          `POST → message ${k + 1}`,
          timings.map(({ afterRequestMs }) => afterRequestMs[k] ?? 0),
        ),
      ),
      spread('fdatasync of 4 KiB', syncs),
    ],
    notes: [
      `${BOOKINGS} bookings, one every ${PACE_MS} ms, three messages each, nothing else running in the product. The answer is the moment`,
      'this client had read it, a loopback later than the commit; a message counts when its whole request is in at the simulator. Both',
      'clocks are this process (client and simulator); the application and Redis (appendfsync always) are processes of their own.',
      `The application spent ${figure(cpuMs)} ms of processor time a booking.`,
    ],
  };
}

await runBench('latency', measure);
