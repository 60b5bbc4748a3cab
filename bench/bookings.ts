import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '#src/redis/connection.ts';
import { type Bench, type Report, runBench } from './bench-run.ts';
import { type Child, startChild } from './child-process.ts';
import { topCosts } from './cpu-profile.ts';
import { postInLoops } from './http-load.ts';
import { startRedis } from './redis-server.ts';
import type { Case, Figures } from './rounds.ts';
import { ADMIN_API_KEY, createBookingBodies, openSalons, type Salon, TELEGRAM_BOT_TOKEN } from './salons.ts';

/** How many durable bookings a second the API takes, and how fast it answers, beside a common way to write such an API. */

const SALONS = 64;
const WIDE = { connections: 64, durationMs: 2000 };
const NARROW = { connections: 1, durationMs: 1000 };
const WARM_UP_MS = 1000;
const QUIET_MS = 400;
const QUIET_LIMIT_MS = 8000;
/** More than the renewals of all leases write in QUIET_MS, less than one delivery does. */
const LEASE_BYTES = 600;

const HEADERS = { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' };

interface Contender {
  name: string;
  child: Child;
  body(): string;
  /** Resolves when the work that the bookings left behind is done, or moves no more. */
  quiet(): Promise<void>;
}

/** Until Redis writes no more than the renewal of leases for a while. */
async function untilIdle(redisUrl: string): Promise<void> {
  const redis = createClient(redisUrl, {});
  const written = async () => Number(/aof_current_size:(\d+)/.exec(await redis.info('persistence'))?.[1]);
  const giveUpAt = performance.now() + QUIET_LIMIT_MS;
  let before = Number.NEGATIVE_INFINITY;
  for (let now = await written(); now - before > LEASE_BYTES && performance.now() < giveUpAt; now = await written()) {
    before = now;
    await sleep(QUIET_MS);
  }
  redis.disconnect();
}

async function startVestnik(
  bench: Bench,
  name: string,
  roles: string,
  telegram: Child,
): Promise<Contender & { salons: Salon[] }> {
  const folder = join(bench.folder, name);
  const redisUrl = await startRedis(bench, `${name}-redis`, 'always');
  const child = await startChild(bench, 'vestnik-app', {
    PORT: '0',
    ROLES: roles,
    DATABASE_URL: `sqlite:${join(folder, 'vestnik.sqlite')}`,
    REDIS_URL: redisUrl,
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    BROADCAST_RATE_PER_SECOND: '1000000',
    ADMIN_API_KEY,
    LOG_LEVEL: 'warn',
  });
  const salons = await openSalons(child.url, SALONS);
  return { name, child, salons, body: createBookingBodies(salons), quiet: () => untilIdle(redisUrl) };
}

/** On a copy of another's database, taken while it holds nothing but the salons. */
async function startPeer(bench: Bench, salons: Salon[], databaseOf: string): Promise<Contender> {
  const folder = join(bench.folder, 'peer');
  await mkdir(folder);
  for (const file of ['vestnik.sqlite', 'vestnik.sqlite-wal'])
    await copyFile(join(bench.folder, databaseOf, file), join(folder, file));
  const redisUrl = await startRedis(bench, 'peer-redis', 'always');
  const child = await startChild(bench, 'fastify-peer', { FOLDER: folder, REDIS_URL: redisUrl });
  const name = 'Fastify + MikroORM flush + BullMQ add';
  return { name, child, body: createBookingBodies(salons), quiet: () => untilIdle(redisUrl) };
}

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
  const api = await startVestnik(bench, 'Vestnik, api role', 'api', telegram);
  const whole = await startVestnik(bench, 'Vestnik, all roles', 'api,worker,bot,scheduler', telegram);
  const peer = await startPeer(bench, api.salons, api.name);
  const contenders = [whole, api, peer];
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
      'POST /v1/bookings, closed loop over keep-alive connections, an answer comes after the commit. SQLite (WAL, synchronous FULL)',
      'and Redis (appendfsync always) of its own for each; load generator, application, Redis and Telegram receiver are processes',
      'of their own on the same cores. "all roles" also delivers three messages a booking meanwhile; the peer only adds the job.',
    ],
  };
}

await runBench('bookings', compare);
