import type { Redis } from 'ioredis';
import { type Bell, createBell } from './db/bell.ts';
import type { Database } from './db/database.ts';
import { createOutboxRelay, type OutboxRelay } from './db/outbox-relay.ts';
import { createOutboxWatch } from './db/outbox-watch.ts';
import type { LanePartitions } from './dispatch/lanes.ts';
import { WORK_STREAMS, type WorkStream } from './domain/lanes.ts';
import type { Logger } from './observability/log.ts';
import type { Tracer } from './observability/tracer.ts';

/** The relay of one partition. */
export type PartitionRelay = OutboxRelay & { lane: WorkStream; partition: number };

/** Brings what is committed into the streams: a relay for each partition, and what rings them. */
export interface Outbox {
  relays: readonly PartitionRelay[];
  /** To be told after each commit that may have written an event; never throws. */
  committed(): void;
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function openOutbox(deps: {
  database: Database;
  redis: Redis;
  /** A connection for its subscription alone. */
  subscriber: Redis;
  /** REDIS_KEY_PREFIX. */
  keyPrefix: string;
  partitions: LanePartitions;
  tracer: Tracer;
  log: Logger;
}): Outbox {
  const { keyPrefix, partitions } = deps;
  const bells = {
    p2p: partitions.p2p.map(createBell),
    broadcast: partitions.broadcast.map(createBell),
    webhooks: partitions.webhooks.map(createBell),
  };
  const watch = createOutboxWatch({ ...deps, channel: `${keyPrefix}events:outbox`, bells });
  const relays = WORK_STREAMS.flatMap((lane) =>
    partitions[lane].map((keys, partition) => {
      const share = { lane, shares: partitions[lane].length, remainder: partition };
      const bell = bells[lane][partition] as Bell;
      return { lane, partition, ...createOutboxRelay({ ...deps, keys, share, bell }) };
    }),
  );
  const parts = [watch, ...relays];
  return {
    relays,
    committed: watch.committed,
    start() {
      for (const part of parts) part.start();
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}
