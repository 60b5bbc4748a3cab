import type { Redis } from 'ioredis';
import { createBatcher } from './batcher.ts';
import type { StreamEntry } from './entry.ts';
import { GROUP, type PartitionKeys } from './keys.ts';
import { OWNER, script } from './script.ts';

const MAX_BATCH = 500;

/** Per entry: id and deduplication key ('' for none). Acknowledged, deleted, and all that was kept about it forgotten. */
const settleScript = script(`${OWNER}
for i = 5, #ARGV, 2 do
  redis.call('XACK', KEYS[2], ARGV[2], ARGV[i])
  redis.call('XDEL', KEYS[2], ARGV[i])
  redis.call('DEL', ARGV[3] .. ARGV[i])
  if ARGV[i + 1] ~= '' then redis.call('DEL', ARGV[4] .. ARGV[i + 1]) end
end
return 1`);

/** Ends entries whose every recipient is finished and logged. */
export interface Settler {
  /** Resolves when the entry is out of the stream and its pending list. Safe to repeat. */
  settle(entry: StreamEntry): Promise<void>;
}

export function createSettler(options: { redis: Redis; keys: PartitionKeys; token: string }): Settler {
  const { redis, keys, token } = options;
  const batcher = createBatcher<StreamEntry, undefined>({
    maxSize: MAX_BATCH,
    async flush(entries) {
      const args = [token, GROUP, keys.ledgerPrefix, keys.markerPrefix];
      for (const entry of entries) args.push(entry.id, entry.key ?? '');
      await settleScript.run(redis, [keys.lease, keys.stream], args);
      return entries.map(() => undefined);
    },
  });
  return { settle: (entry) => batcher.add(entry) };
}
