import { type ApiContender, startPeer, startVestnik, untilIdle } from './api-contenders.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { startChild } from './child-process.ts';
import { topCosts } from './cpu-profile.ts';
import { postInLoops } from './http-load.ts';
import type { Case, Figures } from './rounds.ts';
import { ADMIN_API_KEY, createBookingBodies, type Salon } from './salons.ts';

/** How many durable bookings a second the API takes, and how fast it answers, beside a common way to write such an API. */

const SALONS = 64;
const WIDE = { connections: 64, durationMs: 2000 };
const NARROW = { connections: 1, durationMs: 1000 };
const WARM_UP_MS = 1000;

const HEADERS = { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' };

interface Contender extends ApiContender {
  body(): string;
  /** Resolves when the work that the bookings left behind is done, or moves no more. */
  quiet(): Promise<void>;
}

const contenderOf = (contender: ApiContender, salons: Salon[]): Contender => ({
  ...contender,
  body: createBookingBodies(salons),
  quiet: () => untilIdle(contender.redisUrl),
});

async function measure({ child, body, quiet }: Contender): Promise<Figures> {
  const load = { url: child.url, path: '/v1/bookings', headers: HEADERS, body, status: 201 };
  const before = await child.usage();
  const wide = await postInLoops({ ...load, ...WIDE });
  const cpuMicros = (await child.usage()).cpuMicros - before.cpuMicros;
  await quiet();
  const narrow = await postInLoops({ ...load, ...NARROW });
  await quiet();
  return {
    'bookings/s, 64 conn.': wide.perSecond,
    'p50 ms': wide.p50Ms,
    'p99 ms': wide.p99Ms,
    'CPU µs a booking': cpuMicros / wide.answers,
    'bookings/s, 1 conn.': narrow.perSecond,
    '1 conn. p50 ms': narrow.p50Ms,
    '1 conn. p99 ms': narrow.p99Ms,
  };
}

async function profile(bench: Bench, { name, child, body, quiet }: Contender): Promise<void> {
  bench.say(`profile: ${name}`);
  await child.startProfile();
  await postInLoops({ url: child.url, path: '/v1/bookings', headers: HEADERS, body, status: 201, ...WIDE });
  const taken = await child.stopProfile();
  process.stderr.write(`\n${topCosts(taken)}\n\n`);
  await quiet();
}

async function compare(bench: Bench): Promise<Report> {
  bench.say('starting the contenders');
  const telegram = await startChild(bench, 'telegram-receiver', { SALONS: String(SALONS) });
  const start = async (name: string, roles: string) =>
    await startVestnik(bench, { name, roles: [roles], salons: SALONS, telegramRoot: telegram.url });
  const api = await start('Vestnik, api role', 'api');
  const whole = await start('Vestnik, all roles', 'api,worker,bot,scheduler');
  const peer = contenderOf(await startPeer(bench, api.name), api.salons);
  const contenders = [contenderOf(whole, whole.salons), contenderOf(api, api.salons), peer];
  for (const { child, body, quiet, name } of contenders) {
    bench.say(`warm-up: ${name}`);
    await postInLoops({
      url: child.url,
      path: '/v1/bookings',
      headers: HEADERS,
      body,
      status: 201,
      connections: WIDE.connections,
      durationMs: WARM_UP_MS,
    });
    await quiet();
  }
  if (bench.profile) for (const contender of contenders) await profile(bench, contender);
  const cases = contenders.map((contender): Case => ({ name: contender.name, run: () => measure(contender) }));
  return {
    results: await bench.alternate(cases),
    notes: [
      'POST /v1/bookings, closed loop over keep-alive connections, an answer comes when the disk has the commit. SQLite (WAL)',
      'and Redis (appendfsync always) of its own for each; load generator, application, Redis and Telegram receiver are processes',
      'of their own on the same cores. "all roles" also delivers three messages a booking meanwhile; the peer only adds the job.',
    ],
  };
}

await runBench('bookings', compare);
