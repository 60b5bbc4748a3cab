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
/** A doorbell may wait behind the one of the holding before; longer than this it hangs. */
const OVERDUE_MS = 2 * DOORBELL_MS + 1000;
/** The pause after a doorbell that failed. */
const LOOK_AGAIN_MS = 200;

/**
 * A script, because a stopped process inside a blocking XREADGROUP would still swallow the next entry. What is handed over to be
 * planned is marked as such, until something else is or nothing is left: should planning end the process, the next owner knows.
 */
const readScript = script(`${OWNER}
local reply = redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[4], 'STREAMS', KEYS[2], '>')
if not reply then
  redis.call('DEL', KEYS[4])
  return {}
end
local ids = {}
for i, entry in ipairs(reply[1][2]) do ids[i] = entry[1] end
redis.call('SET', KEYS[4], table.concat(ids, ' '))
return reply[1][2]`);

/**
 * One page of the pending list in id order: [id, fields, records] each. XCLAIM with the count it already has gives the body
 * without charging an attempt; an entry deleted meanwhile leaves the pending list by it. ARGV[6]: '1' to mark the page as
 * handed over to be planned.
 */
const takeOverScript = script(`${OWNER}
local pending = redis.call('XPENDING', KEYS[2], ARGV[2], ARGV[4], '+', ARGV[5])
if #pending == 0 then return {} end
local ids, page = {}, {}
for i, item in ipairs(pending) do ids[i] = item[1] end
local records = redis.call('HMGET', KEYS[3], unpack(ids))
for i, item in ipairs(pending) do
  local claimed = redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, item[1], 'RETRYCOUNT', item[4])
  page[i] = { item[1], claimed[1] and claimed[1][2] or {}, records[i] or '' }
end
if ARGV[6] == '1' then redis.call('SET', KEYS[4], table.concat(ids, ' ')) end
return page`);

const forgetPlanningScript = script(`${OWNER}
return redis.call('DEL', KEYS[4])`);

/** ARGV: token, ids. The entries themselves, wherever they are: [id, fields, records] each; marked as handed over. */
const fetchScript = script(`${OWNER}
local found = {}
for i = 2, #ARGV do
  local entry = redis.call('XRANGE', KEYS[2], ARGV[i], ARGV[i])[1]
  if entry then found[#found + 1] = { entry[1], entry[2], redis.call('HGET', KEYS[3], ARGV[i]) or '' } end
end
redis.call('SET', KEYS[4], table.concat(ARGV, ' ', 2))
return found`);

type ClaimedReply = [id: string, fields: string[], records: string][];

/** Reads one partition under its owner's token. */
export interface Consumer {
  /**
   * Makes the stream and its group if they are not there (first start, or a wipe). What is in the stream now counts as
   * redelivered: a Redis that came back with an older state may hand out again what was settled. Answers the ids of the
   * entries that were last handed over to be planned.
   */
  open(): Promise<ReadonlySet<string>>;
  /** Up to `count` entries never read before. */
  read(count: number): Promise<StreamEntry[]>;
  /** Up to `count` entries that were read and not settled, with ids above `after` ('-' for all), in id order; only to be looked at. */
  review(after: string, count: number): Promise<StreamEntry[]>;
  /** The same, handed over to be planned. */
  takeOver(after: string, count: number): Promise<StreamEntry[]>;
  /** Entries that were read before and put aside; those that are gone are left out. */
  fetch(ids: readonly string[]): Promise<StreamEntry[]>;
  /** What was handed over so far is no victim of a crash: it has been judged, or the reading ends in order. */
  forgetPlanning(): Promise<void>;
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
  const scriptKeys = [keys.lease, keys.stream, keys.ledger, keys.planning];
  /** What the doorbell need not ring for: read or taken over, whether it is settled or still waits. */
  let lastSeen = '0-0';

  /** The newest entry when this holding began. */
  let boundary = '0-0';
  /** The one blocking read under way; it may outlast those who waited for it. */
  let ringing: Promise<void> | null = null;

  function fresh(id: string, fields: string[]): StreamEntry {
    const entry = readEntry(id, fields);
    if (!isLaterId(id, boundary)) entry.redelivered = true;
    return entry;
  }

  async function claim(after: string, count: number, isHandedOver: '0' | '1'): Promise<StreamEntry[]> {
    const start = after === '-' ? '-' : `(${after}`;
    const reply = await takeOverScript.run(redis, scriptKeys, [
      token,
      GROUP,
      keys.consumer,
      start,
      count,
      isHandedOver,
    ]);
    const entries = (reply as ClaimedReply).map(([id, fields, records]) => readClaimedEntry(id, fields, records));
    lastSeen = entries.at(-1)?.id ?? lastSeen;
    return entries;
  }

  async function ring(): Promise<void> {
    const answered = new AbortController();
    const overdue = clock.sleep(OVERDUE_MS, answered.signal);
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
      return new Set((await redis.get(keys.planning))?.split(' '));
    },

    async read(count) {
      const reply = await readScript.run(redis, scriptKeys, [token, GROUP, keys.consumer, count]);
      const page = reply as [string, string[]][];
      lastSeen = page.at(-1)?.[0] ?? lastSeen;
      // A page across the boundary counts as a whole: to look a delivery up in vain does no harm.
      const isRedelivered = !isLaterId(page[0]?.[0] ?? boundary, boundary);
      return page.map(([id, fields]) => {
        const entry = readEntry(id, fields);
        entry.redelivered ||= isRedelivered;
        return entry;
      });
    },

    review: (after, count) => claim(after, count, '0'),
    takeOver: (after, count) => claim(after, count, '1'),

    async fetch(ids) {
      const reply = await fetchScript.run(redis, scriptKeys, [token, ...ids]);
      return (reply as ClaimedReply).map(([id, fields, records]) =>
        records === '' ? fresh(id, fields) : readClaimedEntry(id, fields, records),
      );
    },

    async forgetPlanning() {
      await forgetPlanningScript.run(redis, scriptKeys, [token]);
    },

    async doorbell(signal) {
      if (signal.aborted) return;
      ringing ??= ring().finally(() => {
        ringing = null;
      });
      const over = linkedSignal(signal);
      await Promise.race([ringing, once(over.signal, 'abort')]);
      over.abort();
    },
  };
}
