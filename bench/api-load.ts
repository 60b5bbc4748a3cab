import type { Child } from './child-process.ts';
import type { LatencySpread } from './latency-spread.ts';
import type { Salon } from './salons.ts';

/** What the load generator posts: events so many in a request (1: no array), or bookings in these salons. */
export type LoadWork = { kind: 'events'; each: number } | { kind: 'bookings'; salons: Salon[] };

/** How fast: the next request of a connection after its answer, or so many a second whatever the answers do. */
export type Pace = { kind: 'closed' } | { kind: 'fixed'; perSecond: number };

export interface LoadOrder {
  url: string;
  work: LoadWork;
  pace: Pace;
  connections: number;
  durationMs: number;
  /** At a fixed rate: how long after the last one was due answers are waited for. */
  stragglersMs?: number;
  /** Tell of each request alone. */
  keepsRecord?: boolean;
}

/** One request; times are of `monotonicMs`. */
export interface Posted {
  /** Counts the bookings that this generator has made at this server, from 0. */
  number: number;
  dueAt: number;
  answeredAt: number;
}

export interface LoadDone {
  answers: number;
  /** At a fixed rate: due, and without an answer when the wait was over. */
  unanswered: number;
  /** From the first request to the last answer. */
  elapsedMs: number;
  /** From sending, or at a fixed rate from when the request was due, to the whole answer. */
  spread: LatencySpread;
  record: Posted[];
}

/** Has the generator's process do it. */
export async function orderLoad(generator: Child, order: LoadOrder): Promise<LoadDone> {
  const answer = await fetch(generator.url, { method: 'POST', body: JSON.stringify(order) });
  if (!answer.ok) throw new Error(`${order.work.kind} at ${order.url}: ${await answer.text()}`);
  return (await answer.json()) as LoadDone;
}
