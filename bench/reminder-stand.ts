import { readFile } from 'node:fs/promises';
import type { Bench } from './bench-run.ts';
import { postBooking } from './broadcast-api.ts';
import { type Arrival, type Booking, RATE_PER_SECOND } from './broadcast-work.ts';
import { type Child, startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { startRedis } from './redis-server.ts';
import { chatsOfCrowd } from './reminder-crowd.ts';
import { ADMIN_API_KEY, createBookingBodies, openSalons, TELEGRAM_BOT_TOKEN } from './salons.ts';

/** Each is booked once, so that a message's chat tells its booking. */
export const salonsOf = ({ seconds }: Size): number => (seconds === null ? 1200 : 300);
const LIFTED_RATE = 1_000_000;
const KIB = 1024;

export interface Size {
  bookings: number;
  /** Null: until all were reminded. */
  seconds: number | null;
}

/** What a run needs to know of the receiver. */
export interface Receiver {
  apiRoot: string;
  /** Messages that reminded so far. */
  reminded(): Promise<number>;
  arrivals(): Promise<Arrival[]>;
}

export interface Product {
  salons: number;
  front: Child;
  worker: Child;
  book(salon: number): Promise<Booking>;
}

/** Resident memory in MiB (proc(5), VmRSS). */
export async function rssMib({ pid }: Child): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / KIB;
}

const ask = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;

/** One that takes everything at once, or one as strict as Telegram. */
export async function startReceiver(part: Bench, size: Size): Promise<Receiver> {
  const { bookings, seconds } = size;
  if (seconds === null) {
    const env = { RECIPIENTS: String(bookings), STEP: String(bookings) };
    const { url } = await startChild(part, 'broadcast-counter', env);
    return {
      apiRoot: url,
      reminded: async () => (await ask<{ messages: number }>(`${url}/progress`)).messages,
      arrivals: () => ask(`${url}/others`),
    };
  }
  const env = { SALONS: String(salonsOf(size)), RECIPIENTS: String(chatsOfCrowd(bookings)) };
  const { url } = await startChild(part, 'broadcast-receiver', env);
  return {
    apiRoot: (await ask<{ apiRoot: string }>(`${url}/`)).apiRoot,
    reminded: async () => (await ask<{ recipients: number }>(`${url}/progress`)).recipients,
    arrivals: () => ask(`${url}/record`),
  };
}

export async function startProduct(part: Bench, database: string, apiRoot: string, size: Size): Promise<Product> {
  const env = {
    PORT: '0',
    DATABASE_URL: `sqlite:${database}`,
    REDIS_URL: await startRedis(part, 'redis', 'always'),
    TELEGRAM_BOT_TOKEN,
    TELEGRAM_API_ROOT: apiRoot,
    ADMIN_API_KEY,
    BROADCAST_RATE_PER_SECOND: String(size.seconds === null ? LIFTED_RATE : RATE_PER_SECOND),
    LOG_LEVEL: 'error',
  };
  const front = await startChild(part, 'vestnik-app', { ...env, ROLES: 'api,scheduler' });
  const worker = await startChild(part, 'vestnik-app', { ...env, ROLES: 'worker' });
  const bodies = (await openSalons(front.url, salonsOf(size))).map((salon) => createBookingBodies([salon])());
  return {
    salons: bodies.length,
    front,
    worker,
    async book(salon) {
      await postBooking(front.url, bodies[salon] ?? '');
      return { salon, committedAt: monotonicMs() };
    },
  };
}
