import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { createConsumer } from '#streams/consumer.ts';
import { createDeadLetters } from '#streams/dead-letters.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { acquireLease, type HeldLease, LEASE_MS } from '#streams/lease.ts';
import { createLedger } from '#streams/ledger.ts';
import type { Log } from '#streams/log.ts';
import { createSettler } from '#streams/settle.ts';
import type { EntryHandler } from './handler.ts';
import { createMailboxes } from './mailbox.ts';
import { createReader } from './reader.ts';

export interface PartitionOptions<R> {
  redis: Redis;
  /** A connection of its own for the blocking doorbell. */
  blocking: Redis;
  keys: PartitionKeys;
  handler: EntryHandler<R>;
  maxDeliveries: number;
  backoff(attempt: number): number;
  clock(): Date;
  log: Log;
}

/** A partition's place in this process: owned whenever its lease can be had. */
export interface Partition {
  start(): void;
  /** Takes no new attempt, lets those under way end (they are aborted at the deadline), settles, gives the lease up. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
}

export function createPartition<R>(options: PartitionOptions<R>): Partition {
  const { redis, keys, log } = options;
  const stopping = new AbortController();
  const ending = new AbortController();
  let running: Promise<void> | null = null;

  /** Works as the owner until the lease is lost or the process stops; nothing of it is under way when it resolves. */
  async function own(lease: HeldLease): Promise<void> {
    const { token } = lease;
    const reader = createReader({
      ...options,
      consumer: createConsumer({ ...options, token }),
      ledger: createLedger({ redis, keys, token }),
      deadLetters: createDeadLetters({ redis, keys, token }),
      settler: createSettler({ redis, keys, token }),
      mailboxes: createMailboxes(),
      stopping: AbortSignal.any([stopping.signal, lease.lost]),
      deadline: ending.signal,
    });
    log.info({ stream: keys.stream }, 'partition owned');
    try {
      await reader.run();
    } finally {
      await lease.release();
    }
  }

  async function loop(): Promise<void> {
    let failures = 0;
    let previous: string | null = null;
    while (!stopping.signal.aborted) {
      let pauseMs = LEASE_MS / 5;
      try {
        const lease = await acquireLease({ redis, key: keys.lease, token: randomUUID(), previous, log });
        if (lease) {
          previous = lease.token;
          await own(lease);
          pauseMs = 0;
        }
        failures = 0;
      } catch (error) {
        failures += 1;
        pauseMs = reconnectDelayMs(failures);
        log.warn({ stream: keys.stream, reason: String(error), retryInMs: pauseMs }, 'partition interrupted');
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop(deadline) {
      const end = () => ending.abort(deadline.reason);
      if (deadline.aborted) end();
      deadline.addEventListener('abort', end, { once: true });
      stopping.abort();
      await running;
      deadline.removeEventListener('abort', end);
    },
  };
}
