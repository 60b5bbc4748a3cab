import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '#src/redis/connection.ts';
import type { Bench } from './bench-run.ts';
import { type Child, startChild } from './child-process.ts';
import { startRedis } from './redis-server.ts';
import { ADMIN_API_KEY, openSalons, type Salon, TELEGRAM_BOT_TOKEN } from './salons.ts';

/** Servers of the API, ours and others, each with a Redis (appendfsync always) and a database of its own. */

const QUIET_MS = 400;
const QUIET_LIMIT_MS = 8000;
/** More than the renewals of all leases write in QUIET_MS, less than one delivery does. */
const LEASE_BYTES = 600;

export interface ApiContender {
  name: string;
  child: Child;
  redisUrl: string;
}

/** Until Redis writes no more than the renewal of leases for a while. */
export async function untilIdle(redisUrl: string): Promise<void> {
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

interface VestnikSetup {
  name: string;
  salons: number;
  /** One process for each: a comma between what a process does. */
  roles: readonly [string, ...string[]];
  /** Of Telegram's receiver. */
  telegramRoot: string;
}

/** The first process has the API, and the salons are opened there. */
export async function startVestnik(
  bench: Bench,
  { name, salons: count, roles, telegramRoot }: VestnikSetup,
): Promise<ApiContender & { salons: Salon[]; others: Child[] }> {
  const redisUrl = await startRedis(bench, `${name}-redis`, 'always');
  const env = {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(bench.folder, name, 'vestnik.sqlite')}`,
    REDIS_URL: redisUrl,
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_API_ROOT: telegramRoot,
    BROADCAST_RATE_PER_SECOND: '1000000',
    ADMIN_API_KEY,
    LOG_LEVEL: 'error',
  };
  const start = (ROLES: string) => startChild(bench, 'vestnik-app', { ...env, ROLES });
  const child = await start(roles[0]);
  const others: Child[] = [];
  for (const role of roles.slice(1)) others.push(await start(role));
  return { name, child, redisUrl, others, salons: await openSalons(child.url, count) };
}

/** On a copy of a Vestnik's database, taken while it holds nothing but the salons. */
export async function startPeer(bench: Bench, databaseOf: string): Promise<ApiContender> {
  const folder = join(bench.folder, 'peer');
  await mkdir(folder);
  for (const file of ['vestnik.sqlite', 'vestnik.sqlite-wal'])
    await copyFile(join(bench.folder, databaseOf, file), join(folder, file));
  const redisUrl = await startRedis(bench, 'peer-redis', 'always');
  const child = await startChild(bench, 'fastify-peer', { FOLDER: folder, REDIS_URL: redisUrl });
  return { name: 'Fastify + MikroORM flush + BullMQ add', child, redisUrl };
}

export async function startBareHandler(bench: Bench): Promise<ApiContender> {
  const redisUrl = await startRedis(bench, 'bare-redis', 'always');
  const child = await startChild(bench, 'bare-uws-xadd', { REDIS_URL: redisUrl });
  return { name: 'bare uWS + XADD', child, redisUrl };
}
