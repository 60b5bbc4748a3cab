import type { RecipientRecord, StreamEntry } from '#streams/entry.ts';

/**
 * What this process knows of recipients and Redis may not: an attempt that never ran because the word of its start got no
 * answer, a result that came while Redis was away. It holds until the process owns the partition again, unless somebody else
 * did in between.
 */
export interface Recall {
  /** The entry's records as they stand, and as they change while their sends are still under way. */
  remember(entry: StreamEntry): void;
  /** The record, which is forgotten by this. */
  take(entryId: string, recipient: string): RecipientRecord | undefined;
  /** Begins a holding of the lease: only what its direct predecessor left still counts. */
  begin(epoch: number): void;
}

export function createRecall(): Recall {
  const records = new Map<string, RecipientRecord>();
  let lastEpoch = 0;
  const keyOf = (entryId: string, recipient: string) => `${entryId} ${recipient}`;

  return {
    remember(entry) {
      for (const record of entry.records) records.set(keyOf(entry.id, record.recipient), record);
    },
    take(entryId, recipient) {
      if (records.size === 0) return undefined;
      const key = keyOf(entryId, recipient);
      const record = records.get(key);
      records.delete(key);
      return record;
    },
    begin(epoch) {
      // After a wipe the count begins again, and the entries have new ids.
      if (epoch !== lastEpoch + 1) records.clear();
      lastEpoch = epoch;
    },
  };
}
