import type { Redis } from 'ioredis';
import { createBatcher } from '#streams/batcher.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { type Publication, publish } from '#streams/publisher.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Lane } from './lanes.ts';

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
   * Resolves when all are in the stream, in order. An id that was published within a day is not added again.
   * @throws {StreamUnavailable}
   */
  publish(lane: Lane, events: readonly BookingEvent[]): Promise<void>;
}

/** @param redis a connection that rejects at once while Redis is away */
export function createEventPublisher(deps: { redis: Redis; keys: Record<Lane, PartitionKeys> }): EventPublisher {
  const { redis, keys } = deps;

  const batcherOf = (lane: Lane) =>
    createBatcher<Publication[], undefined>({
      maxSize: MAX_BATCH,
      async flush(groups) {
        try {
          await publish(redis, keys[lane], groups.flat());
        } catch (cause) {
          throw new StreamUnavailable('Redis does not take events now', { cause });
        }
        return groups.map(() => undefined);
      },
    });
  const batchers = { p2p: batcherOf('p2p'), broadcast: batcherOf('broadcast') };

  return {
    async publish(lane, events) {
      const publications = events.map((event) => ({
        key: `${event.company_id}:${event.id}`,
        event: JSON.stringify(event),
      }));
      await batchers[lane].add(publications);
    },
  };
}
