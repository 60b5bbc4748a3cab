import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { GROUP, type PartitionKeys, partitionKeys } from '#streams/keys.ts';
import type { ContenderName } from './engine-contender.ts';

export const QUEUE = 'bench';
const ADDED_AT_ONCE = 10_000;
const JOBS_AT_ONCE = 500;
const AOF_LIMIT_BYTES = 256 * 1024 * 1024;

/** KEYS: stream. ARGV: event, how many. */
const FILL = `for _ = 1, tonumber(ARGV[2]) do redis.call('XADD', KEYS[1], '*', 'event', ARGV[1]) end`;
/** At work counts as left, and a job is always in one of the two. */
const JOBS_LEFT = `return redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2])`;

/** Never empty, which its type says. */
export function benchKeys(partitions: number): [PartitionKeys, ...PartitionKeys[]] {
  const keysOf = (partition: number) => partitionKeys({ prefix: '', stream: 'events:p2p', partition, partitions });
  return [keysOf(0), ...Array.from({ length: partitions - 1 }, (_, index) => keysOf(index + 1))];
}

/** Where the work comes from. */
export interface Supply {
  /** Into an empty Redis; all wait when it resolves. Spread evenly over the partitions. */
  fill(count: number, event: string): Promise<void>;
  add(event: string): Promise<unknown>;
  /** How many are not finished. */
  left(): Promise<number>;
}

export function createSupply(contender: ContenderName, redis: Redis, partitions: number): Supply {
  return contender === 'bullmq' ? createJobs(redis) : createEntries(redis, benchKeys(partitions));
}

function createEntries(redis: Redis, partitions: [PartitionKeys, ...PartitionKeys[]]): Supply {
  const streams = partitions.map(({ stream }) => stream);
  return {
    async fill(count, event) {
      for (const [index, stream] of streams.entries()) {
        await redis.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM');
        // The first ones get one more when it does not divide.
        for (let left = Math.ceil((count - index) / streams.length); left > 0; left -= ADDED_AT_ONCE)
          await redis.eval(FILL, 1, stream, event, Math.min(left, ADDED_AT_ONCE));
      }
    },
    add: (event) => redis.xadd(partitions[0].stream, '*', 'event', event),
    async left() {
      const lengths = await Promise.all(streams.map((stream) => redis.xlen(stream)));
      return lengths.reduce((sum, length) => sum + length, 0);
    },
  };
}

function createJobs(redis: Redis): Supply {
  const queue = new Queue(QUEUE, { connection: redis });
  const jobOf = (event: string) => ({ name: 'bench', data: JSON.parse(event) as object });
  return {
    async fill(count, event) {
      const jobs = Array.from({ length: JOBS_AT_ONCE }, () => jobOf(event));
      for (let left = count; left > 0; left -= JOBS_AT_ONCE) await queue.addBulk(jobs.slice(0, left));
    },
    add: (event) => queue.add('bench', jobOf(event).data),
    left: async () => Number(await redis.eval(JOBS_LEFT, 2, queue.toKey('wait'), queue.toKey('active'))),
  };
}

/** Leaves nothing behind, neither in memory nor, once it has grown, in the append-only file. */
export async function emptyRedis(redis: Redis): Promise<void> {
  await redis.flushall('SYNC');
  const persistence = async (field: string) =>
    Number(new RegExp(`${field}:(\\d+)`).exec(await redis.info('persistence'))?.[1]);
  if ((await persistence('aof_current_size')) < AOF_LIMIT_BYTES) return;
  await redis.bgrewriteaof();
  while ((await persistence('aof_rewrite_in_progress')) + (await persistence('aof_rewrite_scheduled')) > 0)
    await sleep(5);
}
