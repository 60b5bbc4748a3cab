import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { readClaimedEntry, readEntry, type StreamEntry } from './entry.ts';
import { GROUP, type PartitionKeys } from './keys.ts';
import type { Log } from './log.ts';
import { FENCE, script } from './script.ts';

/** How long one wait for the doorbell lasts before the stream is looked at anyway. */
const DOORBELL_MS = 2000;

/** A script, because a stopped process inside a blocking XREADGROUP would still swallow the next entry. */
const readScript = script(`${FENCE}
local reply = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[4], 'STREAMS', KEYS[2], '>')
return reply and reply[1][2] or {}`);

/**
 * One page of the pending list in id order: [id, fields, ledger] each. XCLAIM with the count it already has gives the body
 * without charging an attempt; an entry deleted meanwhile leaves the pending list by it.
 */
const takeOverScript = script(`${FENCE}
local pending = redis.call('XPENDING', KEYS[2], ARGV[2], ARGV[4], '+', ARGV[5])
local page = {}
for _, item in ipairs(pending) do
  local claimed = redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, item[1], 'RETRYCOUNT', item[4])
  local fields = claimed[1] and claimed[1][2] or {}
  page[#page + 1] = { item[1], fields, redis.call('HGETALL', ARGV[6] .. item[1]) }
end
return page`);

/** Reads one partition under its owner's token. */
export interface Consumer {
  /** Makes the stream and its group if they are not there (first start, or a wipe). */
  ensureGroup(): Promise<void>;
  /** Up to `count` entries never read before. */
  read(count: number): Promise<StreamEntry[]>;
  /** Up to `count` entries that were read and not settled, with ids above `after` ('-' for all), in id order. */
  takeOver(after: string, count: number): Promise<StreamEntry[]>;
  /** Resolves when an entry newer than the last one read may have come, or after two seconds. */
  doorbell(signal: AbortSignal): Promise<void>;
}

/**
 * @param blocking a connection of its own: a blocked XREAD holds it
 * @param token of the lease under which all reads run; without it they fail as fenced
 */
export function createConsumer(options: {
  redis: Redis;
  blocking: Redis;
  keys: PartitionKeys;
  token: string;
  log: Log;
}): Consumer {
  const { redis, blocking, keys, token, log } = options;
  const scriptKeys = [keys.lease, keys.stream];
  /** What the doorbell need not ring for: read or taken over, whether it is settled or still waits. */
  let lastSeen = '0-0';

  return {
    async ensureGroup() {
      try {
        await redis.xgroup('CREATE', keys.stream, GROUP, '0', 'MKSTREAM');
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      }
    },

    async read(count) {
      const reply = await readScript.run(redis, scriptKeys, [token, GROUP, keys.consumer, count]);
      const entries = (reply as [string, string[]][]).map(([id, fields]) => readEntry(id, fields));
      lastSeen = entries.at(-1)?.id ?? lastSeen;
      return entries;
    },

    async takeOver(after, count) {
      const start = after === '-' ? '-' : `(${after}`;
      const args = [token, GROUP, keys.consumer, start, count, keys.ledgerPrefix];
      const reply = await takeOverScript.run(redis, scriptKeys, args);
      const entries = (reply as [string, string[], string[]][]).map(([id, fields, ledger]) =>
        readClaimedEntry(id, fields, ledger),
      );
      lastSeen = entries.at(-1)?.id ?? lastSeen;
      return entries;
    },

    async doorbell(signal) {
      const finished = new AbortController();
      const stop = AbortSignal.any([signal, finished.signal]);
      const rung = blocking
        .xread('COUNT', 1, 'BLOCK', DOORBELL_MS, 'STREAMS', keys.stream, lastSeen)
        .then(() => undefined)
        .catch(async (error: unknown) => {
          log.debug({ stream: keys.stream, reason: String(error) }, 'doorbell failed, looking at the stream instead');
          await sleep(200, undefined, { signal: stop }).catch(() => undefined);
        });
      const limit = sleep(DOORBELL_MS + 1000, 'overdue', { signal: stop }).catch(() => undefined);
      try {
        const result = await Promise.race([rung, limit]);
        if (result === 'overdue') {
          log.warn({ stream: keys.stream }, 'a blocking read hung; its connection is replaced');
          blocking.disconnect(true);
        }
      } finally {
        finished.abort();
      }
    },
  };
}
