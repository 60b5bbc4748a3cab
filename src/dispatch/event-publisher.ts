import type { Redis } from 'ioredis';
import { createBatcher } from '#streams/batcher.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { type Offer, publish } from '#streams/publisher.ts';
import { outboxShareOf } from '../db/outbox.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Lane } from '../domain/lanes.ts';
import { createPublishSpans } from '../observability/publish-spans.ts';
import { NO_TRACER, type Tracer } from '../observability/tracer.ts';

const MAX_BATCH = 100;

/**
 * Redis is away or full; nothing was done for certain, and the same may be asked for again. The message is read by people
 * outside.
 */
export class StreamUnavailable extends Error {
  readonly code = 'stream_unavailable';
}

/** Puts events straight into a stream, without an outbox: they are as durable as Redis is. */
export interface EventPublisher {
  /**
   * Resolves when all are in the stream, in order.
   * @param ids `given` by who offers the events, who may do so again: one that was published within a day is not added again. Of those
   *   `made` here nobody knows before the answer.
   * @throws {StreamUnavailable}
   */
  publish(lane: Lane, events: readonly BookingEvent[], ids: 'given' | 'made'): Promise<void>;
}

/**
 * @param redis a connection that rejects at once while Redis is away
 * @param partitions of each lane; an event goes to its company's
 */
export function createEventPublisher(deps: {
  redis: Redis;
  partitions: Record<Lane, readonly PartitionKeys[]>;
  tracer?: Tracer;
}): EventPublisher {
  const { redis, partitions, tracer = NO_TRACER } = deps;
  const published = createPublishSpans(tracer);

  const batcherOf = (keys: PartitionKeys) =>
    createBatcher<Offer[], undefined>({
      maxSize: MAX_BATCH,
      async flush(groups) {
        try {
          const batch = groups.flat();
          await published(keys.stream, batch, () => publish(redis, keys, batch));
        } catch (cause) {
          throw new StreamUnavailable('Redis does not take events now', { cause });
        }
        return groups.map(() => undefined);
      },
    });
  const batchers = { p2p: partitions.p2p.map(batcherOf), broadcast: partitions.broadcast.map(batcherOf) };

  return {
    async publish(lane, events, ids) {
      const shares = batchers[lane].map((): Offer[] => []);
      for (const event of events)
        shares[outboxShareOf(event.company_id, shares.length)]?.push({
          key: ids === 'given' ? `${event.company_id}:${event.id}` : null,
          event: JSON.stringify(event),
        });
      await Promise.all(shares.map((share, index) => share.length > 0 && batchers[lane][index]?.add(share)));
    },
  };
}
