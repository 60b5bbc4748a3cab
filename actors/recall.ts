import type { RecipientRecord } from '#streams/entry.ts';

/**
 * What this process knows of recipients and Redis may not: an attempt that never ran because the word of its start got no
 * answer, a result that came while Redis was away. It holds until the process owns the partition again, unless somebody else
 * did in between. One holding's view of it.
 */
export interface Recall {
  /** The holding directly before this one was this process's as well. */
  readonly isSuccessor: boolean;
  /** The record as it stands, and as it changes while its send is still under way. */
  remember(entryId: string, record: RecipientRecord): void;
  /** The record, which is forgotten by this. */
  take(entryId: string, recipient: string): RecipientRecord | undefined;
  /** Forgets all entries but these. */
  keepOnly(entryIds: ReadonlySet<string>): void;
}

/** Outlasts the holdings of the lease. */
export interface Recalls {
  /** Begins a holding: only what its direct predecessor left still counts. */
  begin(epoch: number): Recall;
}

export function createRecalls(): Recalls {
  const entries = new Map<string, RecipientRecord[]>();
  let lastEpoch = 0;
  /** Since when nobody else owned the partition. */
  let since = 0;

  function take(entryId: string, recipient: string): RecipientRecord | undefined {
    const records = entries.get(entryId);
    const found = records?.find((record) => record.recipient === recipient);
    if (!records || !found) return undefined;
    if (records.length === 1) entries.delete(entryId);
    else
      entries.set(
        entryId,
        records.filter((record) => record !== found),
      );
    return found;
  }

  return {
    begin(epoch) {
      // After a wipe the count begins again, and the entries have new ids.
      const isSuccessor = lastEpoch > 0 && epoch === lastEpoch + 1;
      if (!isSuccessor) {
        entries.clear();
        since = epoch;
      }
      lastEpoch = epoch;
      return {
        isSuccessor,
        remember(entryId, record) {
          // A late word of a holding behind which somebody else owned the partition says nothing any more.
          if (epoch < since) return;
          take(entryId, record.recipient);
          entries.set(entryId, [...(entries.get(entryId) ?? []), record]);
        },
        take: (entryId, recipient) => (entries.size === 0 ? undefined : take(entryId, recipient)),
        keepOnly(entryIds) {
          for (const entryId of entries.keys()) if (!entryIds.has(entryId)) entries.delete(entryId);
        },
      };
    },
  };
}
