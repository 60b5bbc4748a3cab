import type { Redis } from 'ioredis';
import type { PartitionKeys } from './keys.ts';
import { FENCE, script } from './script.ts';

/** Markers of events without an outbox outlive their settlement, so that a client's repeat within a day adds nothing. */
const DAY_MS = 86_400_000;

/** KEYS: stream. ARGV: marker prefix, then key and event in turn. */
const publishScript = script(`
local added = 0
for i = 3, #ARGV, 2 do
  if redis.call('SET', ARGV[1] .. ARGV[i], 1, 'NX', 'PX', ARGV[2]) then
    redis.call('XADD', KEYS[1], '*', 'event', ARGV[i + 1])
    added = added + 1
  end
end
return added`);

/** KEYS: lease, stream. The marker stays until the entry is settled, which the entry's field \`key\` makes possible. */
const relayScript = script(`${FENCE}
local added = 0
for i = 4, #ARGV, 2 do
  if redis.call('SET', ARGV[2] .. ARGV[i], 1, 'NX') then
    if ARGV[3] == '1' then
      redis.call('XADD', KEYS[2], '*', 'event', ARGV[i + 1], 'key', ARGV[i], 'redelivered', 1)
    else
      redis.call('XADD', KEYS[2], '*', 'event', ARGV[i + 1], 'key', ARGV[i])
    end
    added = added + 1
  end
end
return added`);

export interface Publication {
  /** Deduplication key: an event whose key is still marked is not added again. */
  key: string;
  /** The event as JSON. */
  event: string;
}

/** Adds events in order, in one script; answers how many were new. */
export async function publish(redis: Redis, keys: PartitionKeys, publications: Publication[]): Promise<number> {
  const args = publications.flatMap(({ key, event }) => [key, event]);
  return (await publishScript.run(redis, [keys.stream], [keys.markerPrefix, DAY_MS, ...args])) as number;
}

/**
 * The same for the holder of the relay's lease.
 * @param redelivered the events may have been offered before: their handler looks up what was already delivered
 * @throws fenced when the lease is lost, and after a wipe
 */
export async function relay(
  redis: Redis,
  keys: PartitionKeys,
  batch: { token: string; redelivered: boolean; publications: Publication[] },
): Promise<number> {
  const args = batch.publications.flatMap(({ key, event }) => [key, event]);
  const head = [batch.token, keys.markerPrefix, batch.redelivered ? '1' : '0'];
  return (await relayScript.run(redis, [keys.relayLease, keys.stream], [...head, ...args])) as number;
}
