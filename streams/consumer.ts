import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { Clock } from './clock.ts';
import { isLaterId, readClaimedEntry, readEntry, type StreamEntry } from './entry.ts';
import { GROUP, type PartitionKeys } from './keys.ts';
import { linkedSignal } from './linked-signal.ts';
import type { Log } from './log.ts';
import { OWNER, script } from './script.ts';

/** How long one wait for the doorbell lasts before the stream is looked at anyway. */
const DOORBELL_MS = 2000;
/** The pause after a doorbell that failed. */
const LOOK_AGAIN_MS = 200;

/** A script, because a stopped process inside a blocking XREADGROUP would still swallow the next entry. */
const readScript = script(`${OWNER}
local reply = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[4], 'STREAMS', KEYS[2], '>')
return reply and reply[1][2] or {}`);

/**
 * One page of the pending list in id order: [id, fields, ledger] each. XCLAIM with the count it already has gives the body
 * without charging an attempt; an entry deleted meanwhile leaves the pending list by it.
 */
const takeOverScript = script(`${OWNER}
local pending = redis.call('XPENDING', KEYS[2], ARGV[2], ARGV[4], '+', ARGV[5])
local page = {}
for _, item in ipairs(pending) do
  local claimed = redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, item[1], 'RETRYCOUNT', item[4])
  local fields = claimed[1] and claimed[1][2] or {}
  page[#page + 1] = { item[1], fields, redis.call('HGETALL', ARGV[6] .. item[1]) }
end
return page`);

/** ARGV: ledger prefix, ids. The entries themselves, wherever they are: [id, fields, ledger] each. */
const fetchScript = script(`${OWNER}
local found = {}
for i = 3, #ARGV do
  local entry = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  if entry then found[#found + 1] = { entry[1], entry[2], redis.call('HGETALL', ARGV[2] .. ARGV[i]) } end
end
return found`);

/** Reads one partition under its owner's token. */
export interface Consumer {
  /**
   * Makes the stream and its group if they are not there (first start, or a wipe). What is in the stream now counts as
   * redelivered: a Redis that came back with an older state may hand out again what was settled.
   */
  open(): Promise<void>;
  /** Up to `count` entries never read before. */
  read(count: number): Promise<StreamEntry[]>;
  /** Up to `count` entries that were read and not settled, with ids above `after` ('-' for all), in id order. */
  takeOver(after: string, count: number): Promise<StreamEntry[]>;
  /** Entries that were read before and put aside; those that are gone are left out. */
  fetch(ids: readonly string[]): Promise<StreamEntry[]>;
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
  clock: Clock;
  log: Log;
}): Consumer {
  const { redis, blocking, keys, token, clock, log } = options;
  const scriptKeys = [keys.lease, keys.stream];
  /** What the doorbell need not ring for: read or taken over, whether it is settled or still waits. */
  let lastSeen = '0-0';

  /** The newest entry when this holding began. */
  let boundary = '0-0';
  /** The one blocking read under way; it may outlast those who waited for it. */
  let ringing: Promise<void> | null = null;

  function fresh(id: string, fields: string[]): StreamEntry {
    const entry = readEntry(id, fields);
    if (!entry.redelivered && !isLaterId(id, boundary)) entry.redelivered = true;
    return entry;
  }

  async function ring(): Promise<void> {
    const answered = new AbortController();
    const overdue = clock.sleep(DOORBELL_MS + 1000, answered.signal);
    const rung = blocking.xread('COUNT', 1, 'BLOCK', DOORBELL_MS, 'STREAMS', keys.stream, lastSeen).then(() => false);
    try {
      if (!(await Promise.race([rung, overdue]))) return;
      log.warn({ stream: keys.stream }, 'a blocking read hung; its connection is replaced');
      rung.catch(() => undefined); // the replacement's own rejection
      blocking.disconnect(true);
    } catch (error) {
      log.debug({ stream: keys.stream, reason: String(error) }, 'doorbell failed, looking at the stream instead');
      await clock.sleep(LOOK_AGAIN_MS);
    } finally {
      answered.abort();
    }
  }

  return {
    async open() {
      try {
        await redis.xgroup('CREATE', keys.stream, GROUP, '0', 'MKSTREAM');
      } catch (error) {
        // A full Redis refuses even to look; if the group is really missing, the first read says so.
        if (!(error instanceof Error && /^(BUSYGROUP|OOM)/.test(error.message))) throw error;
      }
      const [newest] = await redis.xrevrange(keys.stream, '+', '-', 'COUNT', 1);
      boundary = newest?.[0] ?? boundary;
    },

    async read(count) {
      const reply = await readScript.run(redis, scriptKeys, [token, GROUP, keys.consumer, count]);
      const entries = (reply as [string, string[]][]).map(([id, fields]) => fresh(id, fields));
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

    async fetch(ids) {
      const reply = await fetchScript.run(redis, scriptKeys, [token, keys.ledgerPrefix, ...ids]);
      return (reply as [string, string[], string[]][]).map(([id, fields, ledger]) =>
        ledger.length > 0 ? readClaimedEntry(id, fields, ledger) : fresh(id, fields),
      );
    },

    async doorbell(signal) {
      ringing ??= ring().finally(() => {
        ringing = null;
      });
      const over = linkedSignal(signal);
      await Promise.race([ringing, once(over.signal, 'abort')]);
      over.abort();
    },
  };
}
