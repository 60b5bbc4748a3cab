import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import type { HeldLease } from '#streams/lease.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import { relay } from '#streams/publisher.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createPublishSpans } from '../observability/publish-spans.ts';
import { NO_TRACER, type Tracer } from '../observability/tracer.ts';
import { createLeaseHolder } from '../redis/lease-holder.ts';
import type { Bell } from './bell.ts';
import type { Database } from './database.ts';
import { lastOutboxId, type OpenOutboxRow, type OutboxShare, openOutboxRows } from './outbox.ts';
import { createRelayLag } from './relay-lag.ts';

const BATCH = 500;
const ASK_AGAIN_MS = 500;
/** How often open rows are offered again, in case that their entries vanished from Redis unsettled. */
const SWEEP_EVERY_MS = 60_000;

/**
 * Publishes one partition's committed events in the order of commit, a batch at a time. One relay works at once over all
 * processes, by lease. Losing the lease is also how a wipe of Redis shows; whoever holds the next one offers every open row
 * again, and the markers in Redis keep out those that are still there.
 */
export interface OutboxRelay {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
  /**
   * For how long the oldest row has waited that is not in the stream yet, in ms; 0 for none, null where another process has the lease.
   * Of rows that another relay may have offered before, the waiting counts from where this one took over.
   */
  lagMs(now: Date): Promise<number | null>;
}

export function createOutboxRelay(options: {
  database: Database;
  redis: Redis;
  keys: PartitionKeys;
  share: OutboxShare;
  /** Rings when rows of this share may have been committed. */
  bell: Bell;
  sweepEveryMs?: number;
  tracer?: Tracer;
  log: Logger;
}): OutboxRelay {
  const { database, redis, keys, share, bell, sweepEveryMs = SWEEP_EVERY_MS, tracer = NO_TRACER, log } = options;
  const published = createPublishSpans(tracer);
  /** Of this holding: rows with ids up to here went into the stream. */
  let offeredUpTo = 0;
  let isMine = false;
  const lag = createRelayLag({ database, share });

  async function offer(rows: OpenOutboxRow[], lease: HeldLease, redelivered: boolean): Promise<void> {
    if (rows.length === 0) return;
    const publications = rows.map(({ company_id, event_id, event }) => ({ key: `${company_id}:${event_id}`, event }));
    const { token } = lease;
    const toStream = () => relay(redis, keys, { token, redelivered, publications });
    // A repeated offer finds its entry there: it has been told of.
    await (redelivered ? toStream() : published(keys.stream, publications, toStream));
  }

  async function publishAll(lease: HeldLease, stopping: AbortSignal): Promise<void> {
    // A Redis that comes back may have an older state, so a new connection begins a new holding.
    const connection = new AbortController();
    const onClose = () => connection.abort();
    redis.once('close', onClose);
    const link = linkedSignal(stopping, lease.lost, connection.signal);
    try {
      await Promise.all([publishUntil(link.signal, lease), sweepUntil(link.signal, lease)]);
    } finally {
      redis.off('close', onClose);
      link.abort();
    }
  }

  /** What is open and in Redis costs a look there; what is not goes in again. */
  async function sweepUntil(ended: AbortSignal, lease: HeldLease): Promise<void> {
    while (await systemClock.sleep(sweepEveryMs, ended)) {
      const newest = offeredUpTo;
      for (let cursor = 0; cursor < newest && !ended.aborted; ) {
        const rows = await openOutboxRows(database.survey(), { afterId: cursor, limit: BATCH, share });
        const offered = rows.filter(({ id }) => id <= newest);
        await offer(offered, lease, true);
        cursor = offered.at(-1)?.id ?? newest;
      }
    }
  }

  async function publishUntil(ended: AbortSignal, lease: HeldLease): Promise<void> {
    /** Rows up to here were committed under an earlier lease, which may have offered them. */
    const boundary = await lastOutboxId(database);
    lag.took(lease.epoch, boundary);
    isMine = true;
    offeredUpTo = 0;
    while (!ended.aborted) {
      const rung = bell.next();
      // Other shares' rows are not looked at again: a backlog of theirs would be read anew at each ring.
      const newest = await lastOutboxId(database);
      // What waited before this holding may be long, and other shares' too.
      const sql = offeredUpTo < boundary ? database.survey() : database.read();
      const rows = await openOutboxRows(sql, { afterId: offeredUpTo, limit: BATCH, share });
      const [old, fresh] = [rows.filter(({ id }) => id <= boundary), rows.filter(({ id }) => id > boundary)];
      await offer(old, lease, true);
      await offer(fresh, lease, false);
      offeredUpTo = Math.max(offeredUpTo, rows.at(-1)?.id ?? 0, rows.length < BATCH ? newest : 0);
      lag.offered(offeredUpTo);
      if (rows.length === 0) await rung(ended);
    }
  }

  // Two relays at once would only offer the same rows, so a wipe needs no waiting here.
  const holder = createLeaseHolder({
    redis,
    key: keys.relayLease,
    epochKey: keys.relayEpoch,
    askAgainMs: ASK_AGAIN_MS,
    work: publishAll,
    asked(isHeld) {
      isMine &&= isHeld;
    },
    interrupted(error, { failures, retryInMs }) {
      const say = failures === 1 ? log.warn : log.debug;
      const reason = errorCode(error);
      say.call(log, { stream: keys.stream, reason, retryInMs }, 'relay interrupted; events wait in the database');
    },
    log,
  });

  return {
    start: holder.start,
    stop: holder.stop,
    lagMs: async (now) => (isMine ? await lag.ms(now) : null),
  };
}
