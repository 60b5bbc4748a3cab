import type { Redis } from 'ioredis';
import { allPartitionKeys } from './keys.ts';

/** The number of partitions is another than the one that Redis works with, and events are still under way. */
export class PartitionCountError extends Error {
  readonly code = 'partition_count';
}

/**
 * The number of partitions decides which one a recipient's messages pass, so it may change only while nothing is under way:
 * then the new number is stored, else the start is refused with the way to go.
 * @throws {PartitionCountError}
 */
export async function agreeOnPartitions(
  redis: Redis,
  options: { prefix: string; stream: string; partitions: number; setting: string },
): Promise<void> {
  const { prefix, stream, partitions, setting } = options;
  const key = `${prefix}${stream}:partitions`;
  await redis.set(key, partitions, 'NX');
  const stored = Number(await redis.get(key));
  if (stored === partitions) return;
  const left = await backlogOf(redis, { prefix, stream, partitions: stored });
  if (left > 0)
    throw new PartitionCountError(
      `${setting} is ${partitions}, but this Redis works with ${stored} and ${left} events are under way: ` +
        `start with ${setting}=${stored} until "vestnik streams" shows length 0, stop every process, then change it`,
    );
  await redis.set(key, partitions);
}

/** Entries and owners: a partition that is owned may get an entry at any moment. */
async function backlogOf(
  redis: Redis,
  options: { prefix: string; stream: string; partitions: number },
): Promise<number> {
  let left = 0;
  for (const keys of allPartitionKeys(options)) {
    left += await redis.xlen(keys.stream);
    left += await redis.exists(keys.lease, keys.relayLease);
  }
  return left;
}
