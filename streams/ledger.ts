import type { Redis } from 'ioredis';
import { createBatcher } from './batcher.ts';
import { encodeRecord, type RecipientRecord } from './entry.ts';
import { GROUP, type PartitionKeys } from './keys.ts';
import { OWNER, script } from './script.ts';

const MAX_BATCH = 500;

/**
 * Per record: entry id, recipient, value, attempts. A further attempt is written to the pending list too, where
 * XPENDING shows the newest; the first one is counted there by the read itself.
 */
const recordScript = script(`${OWNER}
for i = 5, #ARGV, 4 do
  redis.call('HSET', ARGV[4] .. ARGV[i], ARGV[i + 1], ARGV[i + 2])
  if tonumber(ARGV[i + 3]) > 1 then
    redis.call('XCLAIM', KEYS[2], ARGV[2], ARGV[3], 0, ARGV[i], 'RETRYCOUNT', ARGV[i + 3], 'JUSTID')
  end
end
return 1`);

export interface LedgerWrite extends RecipientRecord {
  entryId: string;
  recipient: string;
}

/** What became of each recipient of the entries under way, in one hash per entry. */
export interface Ledger {
  /** Resolves when Redis has it. Writes of one tick go together. Safe to repeat. */
  write(record: LedgerWrite): Promise<void>;
}

export function createLedger(options: { redis: Redis; keys: PartitionKeys; token: string }): Ledger {
  const { redis, keys, token } = options;
  const batcher = createBatcher<LedgerWrite, undefined>({
    maxSize: MAX_BATCH,
    async flush(records) {
      const args: (string | number)[] = [token, GROUP, keys.consumer, keys.ledgerPrefix];
      for (const record of records) {
        const begun = record.state === 'started' || record.state === 'alone' ? record.attempts : 0;
        args.push(record.entryId, record.recipient, encodeRecord(record), begun);
      }
      await recordScript.run(redis, [keys.lease, keys.stream], args);
      return records.map(() => undefined);
    },
  });
  return { write: (record) => batcher.add(record) };
}
