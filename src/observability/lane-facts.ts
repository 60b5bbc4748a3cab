import type { Redis } from 'ioredis';
import { inspectPartition, type PartitionFacts } from '#streams/inspect.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { LANES, type Lane } from '../domain/lanes.ts';

/** One partition of a lane, as it is now. */
export interface LaneFacts extends PartitionFacts {
  lane: Lane;
  partition: number;
}

/** Looks at all partitions of all lanes at once. */
export async function inspectLanes(redis: Redis, partitions: LanePartitions): Promise<LaneFacts[]> {
  const looks = LANES.flatMap((lane) =>
    partitions[lane].map(async (keys, partition) => ({ lane, partition, ...(await inspectPartition(redis, keys)) })),
  );
  return await Promise.all(looks);
}
