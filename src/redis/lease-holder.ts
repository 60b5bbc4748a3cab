import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { systemClock } from '#streams/clock.ts';
import { acquireLease, type HeldLease } from '#streams/lease.ts';
import type { Logger } from '../observability/log.ts';

export interface LeaseHolderOptions {
  redis: Redis;
  key: string;
  epochKey: string;
  /** How soon a lease that another process holds is asked for again. */
  askAgainMs: number;
  /** One holding; returns soon after the lease is lost or `stopping` aborts. It must bear a second one beside it. */
  work(lease: HeldLease, stopping: AbortSignal): Promise<void>;
  /** Told when the lease could not be asked for, or a holding threw; `failures` counts them in a row. */
  interrupted(error: unknown, next: { failures: number; retryInMs: number }): void;
  /** Told at each answer: whether this process has the lease. */
  asked?(isHeld: boolean): void;
  log: Logger;
}

/** Work that one process does at a time, whichever has the lease; done here whenever it can be had. */
export interface LeaseHolder {
  start(): void;
  /** Resolves when the holding is over and the lease given up. Idempotent. */
  stop(): Promise<void>;
}

export function createLeaseHolder(options: LeaseHolderOptions): LeaseHolder {
  const { redis, key, epochKey, askAgainMs, work, interrupted, asked, log } = options;
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let last: HeldLease | null = null;

  async function workIfFree(): Promise<void> {
    const request = { redis, key, epochKey, previous: last, fearless: true, clock: systemClock, log };
    const lease = await acquireLease({ ...request, token: randomUUID() });
    asked?.(lease !== null);
    if (!lease) return;
    last = lease;
    try {
      await work(lease, stopping.signal);
    } finally {
      await lease.release();
    }
  }

  async function loop(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      let pauseMs = askAgainMs;
      try {
        await workIfFree();
        failures = 0;
      } catch (error) {
        failures += 1;
        pauseMs = reconnectDelayMs(failures);
        interrupted(error, { failures, retryInMs: pauseMs });
      }
      await systemClock.sleep(pauseMs, stopping.signal);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
