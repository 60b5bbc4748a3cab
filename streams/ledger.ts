import type { Redis } from 'ioredis';
import { encodeRecords, type RecipientRecord, type StreamEntry } from './entry.ts';
import { GROUP, type PartitionKeys } from './keys.ts';
import { nextTurn } from './next-turn.ts';
import { OWNER, script } from './script.ts';

/** How many entries one script writes or settles at most: a longer one would hold Redis, and with it every lease, up. */
const MAX_BATCH = 500;

/**
 * KEYS: lease, stream, ledger. ARGV: token, group, consumer, then lists, a line for each item: what is written (an entry's id, its
 * records), what was attempted before (an id, its attempts) and the ids of what is settled; then the markers' keys. One long argument
 * costs the client a fraction of a thousand short ones.
 * A further attempt shows in the pending list too, where XPENDING tells the most that a recipient of the entry has had; the first one is
 * counted there by the read itself. A settled entry is acknowledged, deleted, and all that was kept about it forgotten.
 */
const commitScript = script(`${OWNER}
local function lines(text)
  local list = {}
  for line in string.gmatch(text, '[^\\n]+') do list[#list + 1] = line end
  return list
end
local written, again, settled = lines(ARGV[4]), lines(ARGV[5]), lines(ARGV[6])
if #written > 0 then redis.call('HSET', KEYS[3], unpack(written)) end
for i = 1, #again, 2 do
  redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, again[i], 'RETRYCOUNT', again[i + 1], 'JUSTID')
end
if #settled > 0 then
  redis.call('XACK', KEYS[2], ARGV[2], unpack(settled))
  redis.call('XDEL', KEYS[2], unpack(settled))
  redis.call('HDEL', KEYS[3], unpack(settled))
end
if #ARGV > 6 then redis.call('DEL', unpack(ARGV, 7)) end
return 1`);

/**
 * What became of each recipient of the entries under way: one hash for a partition, a field for an entry. All that happens in
 * one tick goes to Redis in one script, one script at a time, in order.
 */
export interface Ledger {
  /**
   * Resolves when Redis has the entry's records as they stand now, or newer.
   * @param changed the one that is not there yet
   */
  write(entry: StreamEntry, changed: RecipientRecord): Promise<void>;
  /** The same for what nobody waits for; it costs nothing when the entry is settled in the same tick. */
  note(entry: StreamEntry, changed: RecipientRecord): void;
  /** Ends an entry whose every recipient is finished and logged. */
  settle(settling: Settling): void;
  /** The holding is over: nothing more is written, and whoever waits is refused. Idempotent; a failed script has the same effect. */
  end(): void;
}

/** An entry on its way out. */
export interface Settling {
  readonly entry: StreamEntry;
  /** Called when it is out of the stream and its pending list, or will not come out by this owner. */
  leave(): void;
}

interface Batch {
  /** Records that Redis does not have as they stand, and whose they are. */
  changed: Map<RecipientRecord, StreamEntry>;
  settled: Settling[];
}

/**
 * Redis keeps a small hash of short values as a list, which every write searches through; a value of more than
 * `hash-max-listpack-value` (64) bytes makes it a table at once. JSON bears white space at its end.
 */
const FORCES_TABLE = 65;

/** The ledger belongs to a holding of the lease that is over. */
class LedgerEnded extends Error {
  readonly code = 'ledger_ended';
}

/** How many attempts the recipient with the most of them has had. */
function newestAttempt(records: readonly RecipientRecord[]): number {
  let newest = 0;
  for (const { attempts } of records) newest = Math.max(newest, attempts);
  return newest;
}

/**
 * @param unwritten told of each record that Redis may not have as it stands
 * @param failed told why a script failed
 */
export function createLedger(options: {
  redis: Redis;
  keys: PartitionKeys;
  token: string;
  unwritten(entryId: string, record: RecipientRecord): void;
  failed(error: unknown): void;
}): Ledger {
  const { redis, keys, token, unwritten, failed } = options;
  const scriptKeys = [keys.lease, keys.stream, keys.ledger];
  /** What gathers in this tick; null when nothing did. */
  let gathering: Batch | null = null;
  /** Of the batch that gathered last; rejects when Redis does not have it. */
  let committed: Promise<void> = Promise.resolve();
  let ended: Error | null = null;

  function argumentsOf(batch: Batch): string[] {
    const changed = new Set(batch.changed.values());
    for (const { entry } of batch.settled) changed.delete(entry);
    const written: string[] = [];
    const again: string[] = [];
    for (const { id, records } of changed) {
      written.push(id, encodeRecords(records));
      const begun = newestAttempt(records);
      if (begun > 1) again.push(id, String(begun));
    }
    if (written[1] !== undefined) written[1] = written[1].padEnd(FORCES_TABLE);
    const settled: string[] = [];
    const markers: string[] = [];
    for (const { entry } of batch.settled) {
      settled.push(entry.id);
      if (entry.key !== null) markers.push(`${keys.markerPrefix}${entry.key}`);
    }
    return [token, GROUP, keys.consumer, ...[written, again, settled].map((list) => list.join('\n')), ...markers];
  }

  async function commit(batch: Batch, before: Promise<void>): Promise<void> {
    await nextTurn();
    await before.catch(() => undefined);
    if (gathering === batch) gathering = null;
    try {
      if (ended) throw ended;
      await commitScript.run(redis, scriptKeys, argumentsOf(batch));
    } catch (error) {
      for (const [record, entry] of batch.changed) unwritten(entry.id, record);
      if (error !== ended) failed(error);
      ended ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      for (const settling of batch.settled) settling.leave();
    }
  }

  function current(): Batch {
    if (gathering && gathering.changed.size < MAX_BATCH && gathering.settled.length < MAX_BATCH) return gathering;
    gathering = { changed: new Map(), settled: [] };
    committed = commit(gathering, committed);
    // Whoever waits for it hears of its failure; so does the holding.
    committed.catch(() => undefined);
    return gathering;
  }

  return {
    write(entry, changed) {
      current().changed.set(changed, entry);
      return committed;
    },
    note(entry, changed) {
      if (ended) unwritten(entry.id, changed);
      else current().changed.set(changed, entry);
    },
    settle(settling) {
      current().settled.push(settling);
    },
    end() {
      ended ??= new LedgerEnded('the partition is not held any more');
    },
  };
}
