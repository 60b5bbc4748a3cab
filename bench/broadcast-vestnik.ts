import { join } from 'node:path';
import type { Bench } from './bench-run.ts';
import { postBooking, postBroadcast, readBroadcast } from './broadcast-api.ts';
import { createAudience } from './broadcast-audience.ts';
import type { BroadcastContender, ContenderOptions } from './broadcast-contender.ts';
import { type Child, startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { startRedis } from './redis-server.ts';
import { ADMIN_API_KEY, createBookingBodies, openSalons, TELEGRAM_BOT_TOKEN } from './salons.ts';

const OWNS_BROADCAST = /^vestnik_lease_held\{stream="broadcast",partition="0"\} 1$/m;

export interface VestnikOptions extends ContenderOptions {
  /** Telegram's own by default. */
  ratePerSecond?: number;
}

/** One process with the API and the scheduler, and workers beside it, on a Redis and a database of their own. */
export interface Vestnik extends BroadcastContender {
  front: Child;
}

export async function startVestnik(bench: Bench, options: VestnikOptions): Promise<Vestnik> {
  const { apiRoot, recipients, salons, processes, ratePerSecond } = options;
  const database = join(bench.folder, 'vestnik.sqlite');
  const companyId = await createAudience(database, recipients);
  const env = {
    PORT: '0',
    DATABASE_URL: `sqlite:${database}`,
    REDIS_URL: await startRedis(bench, 'redis', 'always'),
    P2P_PARTITIONS: String(processes),
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_API_ROOT: apiRoot,
    ADMIN_API_KEY,
    LOG_LEVEL: 'error',
    ...(ratePerSecond !== undefined && { BROADCAST_RATE_PER_SECOND: String(ratePerSecond) }),
  };
  const startWorker = () => startChild(bench, 'vestnik-app', { ...env, ROLES: 'worker' });
  const front = await startChild(bench, 'vestnik-app', { ...env, ROLES: 'api,scheduler' });
  const senders = await Promise.all(Array.from({ length: processes }, startWorker));
  const bodies = (await openSalons(front.url, salons)).map((salon) => createBookingBodies([salon])());
  let broadcastId = Number.NaN;

  return {
    front,
    senders,
    async startBroadcast() {
      broadcastId = await postBroadcast(front.url, companyId);
    },
    async book(salon) {
      await postBooking(front.url, bodies[salon] ?? '');
      return monotonicMs();
    },
    async isFinished() {
      return (await readBroadcast(front.url, broadcastId)).status === 'completed';
    },
    async admittedLosses() {
      const { progress } = await readBroadcast(front.url, broadcastId);
      return progress.failed + progress.suppressed;
    },
    async leader() {
      const owns = await Promise.all(
        senders.map(async ({ url }) => OWNS_BROADCAST.test(await (await fetch(`${url}/metrics`)).text())),
      );
      const leader = owns.indexOf(true);
      if (leader === -1) throw new Error('no worker has the partition of the broadcasts');
      return leader;
    },
    async replace(sender) {
      senders[sender] = await startWorker();
    },
  };
}
