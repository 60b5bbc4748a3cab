import type { Redis } from 'ioredis';
import { GROUP, type PartitionKeys } from './keys.ts';
import { script } from './script.ts';

/** Attempts are told apart up to here; an entry with more counts here. */
const MAX_ATTEMPTS = 10;
const PAGE = 1_000;
/** A pending list is as long as what its owner holds in memory; one that was blown up by hand is looked at in part. */
const MAX_PAGES = 10;

/** KEYS: stream, dead stream, lease, epoch. Without the stream or its group nothing is pending. */
const inspectScript = script(`
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
if pending.err then
  if not string.find(pending.err, 'NOGROUP') then return pending end
  pending = { 0, false }
end
local time = redis.call('TIME')
return {
  redis.call('XLEN', KEYS[1]), pending[1], pending[2] or '', time[1], time[2],
  redis.call('GET', KEYS[3]) or '', redis.call('PTTL', KEYS[3]), redis.call('XLEN', KEYS[2]),
  redis.call('GET', KEYS[4]) or '0'
}`);

/** The state of one partition at one moment. */
export interface PartitionFacts {
  /** The stream's key. */
  stream: string;
  /** Entries in the stream, the pending ones included. */
  length: number;
  /** Read by the owner and not settled. */
  pending: number;
  /** Since the oldest pending entry was added, by Redis's clock; null when none is pending. */
  oldestPendingMs: number | null;
  /**
   * Null when nobody owns the partition. The owner's whole token is a secret of its process; its epoch counts the holdings
   * since Redis was last empty.
   */
  lease: { owner: string; epoch: number; remainingMs: number } | null;
  dead: number;
  /** The number of pending entries by their attempts, the last for that many and more. */
  attempts: ReadonlyMap<number, number>;
}

/** Reads only; safe on a stream that is not there. */
export async function inspectPartition(redis: Redis, keys: PartitionKeys): Promise<PartitionFacts> {
  const reply = await inspectScript.run(redis, [keys.stream, keys.dead, keys.lease, keys.epoch], [GROUP]);
  const [length, pending, oldestId, seconds, micros, token, ttl, dead, epoch] = reply as [
    ...[number, number, string, string, string, string, number, number, string],
  ];
  const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  return {
    stream: keys.stream,
    length,
    pending,
    oldestPendingMs: pending === 0 ? null : Math.max(0, now - Number(oldestId.split('-')[0])),
    lease: token === '' ? null : { owner: shortOwner(token), epoch: Number(epoch), remainingMs: Math.max(0, ttl) },
    dead,
    attempts: pending === 0 ? new Map() : await countAttempts(redis, keys),
  };
}

const shortOwner = (token: string): string => token.slice(0, 8);

async function countAttempts(redis: Redis, keys: PartitionKeys): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  let start = '-';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const items = (await redis.xpending(keys.stream, GROUP, start, '+', PAGE)) as [string, string, number, number][];
    for (const [, , , delivered] of items) {
      const attempts = Math.min(delivered, MAX_ATTEMPTS);
      counts.set(attempts, (counts.get(attempts) ?? 0) + 1);
    }
    const last = items.at(-1);
    if (!last || items.length < PAGE) break;
    start = `(${last[0]}`;
  }
  return new Map([...counts].sort(([a], [b]) => a - b));
}
