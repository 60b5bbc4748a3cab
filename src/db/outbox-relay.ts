import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { reconnectDelayMs } from '#streams/backoff.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { acquireLease, type HeldLease, LEASE_MS } from '#streams/lease.ts';
import { relay } from '#streams/publisher.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { Database } from './database.ts';
import { lastOutboxId, type OpenOutboxRow, openOutboxRows } from './outbox.ts';

const BATCH = 500;
/** How soon a commit of another process is seen; this process's own commits wake the relay at once. */
const POLL_MS = 200;

/**
 * Publishes committed events in the order of commit, a batch at a time. One relay works at once over all processes, by lease.
 * Losing the lease is also how a wipe of Redis shows; whoever holds the next one offers every open row again, and the
 * markers in Redis keep out those that are still there.
 */
export interface OutboxRelay {
  start(): void;
  /** A row was committed in this process. */
  wake(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function createOutboxRelay(options: {
  database: Database;
  redis: Redis;
  keys: PartitionKeys;
  log: Logger;
}): OutboxRelay {
  const { database, redis, keys, log } = options;
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let woken = false;
  let ring: () => void = () => undefined;

  async function untilWoken(): Promise<void> {
    if (!woken) {
      const finished = new AbortController();
      const stop = AbortSignal.any([stopping.signal, finished.signal]);
      const bell = new Promise<void>((resolve) => {
        ring = resolve;
      });
      await Promise.race([bell, sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined)]);
      finished.abort();
    }
    woken = false;
  }

  async function offer(rows: OpenOutboxRow[], lease: HeldLease, redelivered: boolean): Promise<void> {
    if (rows.length === 0) return;
    const publications = rows.map(({ company_id, event_id, event }) => ({ key: `${company_id}:${event_id}`, event }));
    await relay(redis, keys, { token: lease.token, redelivered, publications });
  }

  async function publishAll(lease: HeldLease): Promise<void> {
    /** Rows up to here were committed under an earlier lease, which may have offered them. */
    const boundary = await lastOutboxId(database);
    let cursor = 0;
    while (!stopping.signal.aborted && !lease.lost.aborted) {
      const rows = await openOutboxRows(database, { afterId: cursor, limit: BATCH });
      await offer(
        rows.filter(({ id }) => id <= boundary),
        lease,
        true,
      );
      await offer(
        rows.filter(({ id }) => id > boundary),
        lease,
        false,
      );
      cursor = rows.at(-1)?.id ?? cursor;
      if (rows.length === 0) await untilWoken();
    }
  }

  async function loop(): Promise<void> {
    let failures = 0;
    let previous: string | null = null;
    while (!stopping.signal.aborted) {
      let pauseMs = LEASE_MS / 5;
      try {
        const lease = await acquireLease({ redis, key: keys.relayLease, token: randomUUID(), previous, log });
        failures = 0;
        if (lease) {
          previous = lease.token;
          pauseMs = 0;
          try {
            await publishAll(lease);
          } finally {
            await lease.release();
          }
        }
      } catch (error) {
        failures += 1;
        pauseMs = reconnectDelayMs(failures);
        log.warn(
          { reason: errorCode(error), retryInMs: pauseMs },
          'outbox relay interrupted; events wait in the database',
        );
      }
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running ??= loop();
    },
    wake() {
      woken = true;
      ring();
    },
    async stop() {
      stopping.abort();
      ring();
      await running;
    },
  };
}
