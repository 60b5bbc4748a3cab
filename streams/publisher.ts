import type { Redis } from 'ioredis';
import type { PartitionKeys } from './keys.ts';
import { FENCE, script } from './script.ts';

/** Markers of events without an outbox outlive their settlement, so that a client's repeat within a day adds nothing. */
const DAY_MS = 86_400_000;

/** How many events one script takes: a longer one would hold Redis, and with it every lease, up. */
const MAX_SCRIPT_EVENTS = 500;

/** Above so many entries in a partition, events that have no outbox are refused. */
const BACKLOG_LIMIT = 1_000_000;

/** KEYS: stream. ARGV: marker prefix, marker's life in ms, longest stream, then key (empty for none) and event in turn. */
const publishScript = script(`
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then
  return redis.error_reply('BACKLOG too many events wait in this partition')
end
local added = 0
for i = 4, #ARGV, 2 do
  if ARGV[i] == '' or redis.call('SET', ARGV[1] .. ARGV[i], 1, 'NX', 'PX', ARGV[2]) then
    redis.call('XADD', KEYS[1], '*', 'event', ARGV[i + 1])
    added = added + 1
  end
end
return added`);

/**
 * KEYS: lease, stream. The marker holds the entry's id and stays until the entry is settled, which the entry's field `key` makes possible.
 * One whose entry is gone without having been settled, by whatever hand, keeps nothing out.
 */
const relayScript = script(`${FENCE}
local added = 0
for i = 4, #ARGV, 2 do
  local marker = ARGV[2] .. ARGV[i]
  local known = redis.call('GET', marker)
  if not known or not redis.call('XRANGE', KEYS[2], known, known)[1] then
    local id
    if ARGV[3] == '1' then
      id = redis.call('XADD', KEYS[2], '*', 'event', ARGV[i + 1], 'key', ARGV[i], 'redelivered', 1)
    else
      id = redis.call('XADD', KEYS[2], '*', 'event', ARGV[i + 1], 'key', ARGV[i])
    end
    redis.call('SET', marker, id)
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

/** One without an outbox; `key` is null where nobody can offer it again, so it needs no marker. */
export interface Offer extends Omit<Publication, 'key'> {
  key: string | null;
}

/**
 * Adds events in order, some hundred in one script; answers how many were new. When it rejects, those of earlier scripts are in.
 * @param backlogLimit entries in the partition above which nothing is added
 */
export async function publish(
  redis: Redis,
  keys: PartitionKeys,
  offers: readonly Offer[],
  backlogLimit = BACKLOG_LIMIT,
): Promise<number> {
  let added = 0;
  for (let start = 0; start < offers.length; start += MAX_SCRIPT_EVENTS) {
    const some = offers.slice(start, start + MAX_SCRIPT_EVENTS).flatMap(({ key, event }) => [key ?? '', event]);
    const args = [keys.markerPrefix, DAY_MS, backlogLimit, ...some];
    added += (await publishScript.run(redis, [keys.stream], args)) as number;
  }
  return added;
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
