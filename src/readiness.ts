import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Database } from './db/database.ts';
import type { Channel } from './domain/events.ts';

const PING_DEADLINE_MS = 1000;
/** An event that is in no stream by then is held up by more than a busy moment. */
const OUTBOX_LAG_MS = 30_000;
/** Less free disk than this may be full within the hour. */
const LOW_DISK_BYTES = 512 * 1024 * 1024;

export interface Readiness {
  /** False before the start is complete, and without the database: send no requests here. */
  ready: boolean;
  status: 'ok' | 'degraded' | 'unavailable';
  /** What is away; work waits for it and goes on by itself. */
  reasons: string[];
}

/** What a process says of itself until its start is complete. */
export const STARTING: Readiness = { ready: false, status: 'unavailable', reasons: ['starting'] };

export async function checkReadiness(deps: {
  database: Database;
  /** A connection that rejects at once while Redis is away. */
  redis: Redis;
  /** Why the Redis that answers must not be used. */
  redisTrouble: string | null;
  /** Each tells why it takes nothing; null while it does. */
  channels: Record<Channel, { trouble(): string | null }>;
  /** Tells why nobody listens to its users here; null while it does, or need not. */
  bot: { trouble(): string | null };
  /** Tells what nobody looks after, and why. */
  scheduler: { troubles(): { what: string; reason: string }[] };
  /** The age of the oldest event that is in no stream yet, in ms. */
  outboxLagMs(): Promise<number>;
  /** Null where nothing is kept on a disk of ours. */
  freeDiskBytes(): Promise<number | null>;
}): Promise<Readiness> {
  try {
    await deps.database.ping();
  } catch {
    return { ready: false, status: 'unavailable', reasons: ['database: does not answer'] };
  }
  const reasons = [
    ...(deps.redisTrouble === null ? [] : [`redis: ${deps.redisTrouble}`]),
    ...((await answers(deps.redis)) ? [] : ['redis: away; bookings are accepted, messages wait']),
    ...Object.entries(deps.channels).flatMap(([name, channel]) => waitingFor(name, channel.trouble(), 'messages')),
    ...waitingFor('bot', deps.bot.trouble(), 'updates'),
    ...deps.scheduler.troubles().flatMap(({ what, reason }) => waitingFor('scheduler', reason, what)),
    ...(await outboxReasons(deps.outboxLagMs)),
    ...(await diskReasons(deps.freeDiskBytes)),
  ];
  return { ready: true, status: reasons.length === 0 ? 'ok' : 'degraded', reasons };
}

const waitingFor = (part: string, trouble: string | null, what: string): string[] =>
  trouble === null ? [] : [`${part}: ${trouble}; ${what} wait`];

async function outboxReasons(lagMs: () => Promise<number>): Promise<string[]> {
  const ms = await lagMs().catch(() => 0); // the database was there a moment ago
  return ms > OUTBOX_LAG_MS ? [`outbox: an event has been waiting for ${Math.floor(ms / 1000)} s; messages wait`] : [];
}

async function diskReasons(freeBytes: () => Promise<number | null>): Promise<string[]> {
  const bytes = await freeBytes().catch(() => null); // a folder that is not there fills nothing
  if (bytes === null || bytes >= LOW_DISK_BYTES) return [];
  return [`disk: ${Math.floor(bytes / 1024 / 1024)} MiB are left; bookings fail when it is full`];
}

/** A connection may look open and be dead, so an answer is what counts. */
async function answers(redis: Redis): Promise<boolean> {
  const deadline = new AbortController();
  const late = sleep(PING_DEADLINE_MS, false, { signal: deadline.signal }).catch(() => false);
  try {
    const ping = redis.ping().then(
      () => true,
      () => false,
    );
    return await Promise.race([ping, late]);
  } finally {
    deadline.abort();
  }
}
