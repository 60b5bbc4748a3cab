import type { Redis } from 'ioredis';
import { inspectPartition, type PartitionFacts } from '#streams/inspect.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { WORK_STREAMS, type WorkStream } from '../domain/lanes.ts';

/** One partition of a work stream, as it is now. */
export interface LaneFacts extends PartitionFacts {
  lane: WorkStream;
  partition: number;
}

/** Looks at all partitions of all work streams at once. */
export async function inspectLanes(redis: Redis, partitions: LanePartitions): Promise<LaneFacts[]> {
  const looks = WORK_STREAMS.flatMap((lane) =>
    partitions[lane].map(async (keys, partition) => ({ lane, partition, ...(await inspectPartition(redis, keys)) })),
  );
  return await Promise.all(looks);
}
