import type { Database } from './database.ts';
import { firstOpenRow, type OutboxShare } from './outbox.ts';

/** How long events wait for one relay, told from what it has done: looking for each of them in Redis would cost too much. */
export interface RelayLag {
  /** A holding begins. @param lastId of the rows that were there before it */
  took(epoch: number, lastId: number): void;
  /** All rows up to this one are in the stream. */
  offered(upToId: number): void;
  /** For how long the oldest row has waited that is not, as far as can be known. */
  ms(now: Date): Promise<number>;
}

export function createRelayLag({ database, share }: { database: Database; share: OutboxShare }): RelayLag {
  let lastEpoch: number | undefined;
  /** In the stream by this process's own hand, in this holding or in one right before it. */
  let offeredUpTo = 0;
  /** Another relay may have put rows up to here into the stream; which ones only offering them again tells. */
  let unsureUpTo = 0;
  /** Since when this process is the one to offer them, by the monotonic clock. */
  let unsureSinceMs = 0;

  return {
    took(epoch, lastId) {
      // The same process again, with nobody in between and no wipe: what it knows still holds.
      const goesOn = lastEpoch !== undefined && epoch === lastEpoch + 1;
      lastEpoch = epoch;
      if (goesOn) return;
      offeredUpTo = 0;
      unsureUpTo = lastId;
      unsureSinceMs = performance.now();
    },
    offered(upToId) {
      offeredUpTo = Math.max(offeredUpTo, upToId);
    },
    async ms(now) {
      const oldest = await firstOpenRow(database, { afterId: offeredUpTo, share });
      if (!oldest) return 0;
      const waited = Math.max(0, now.getTime() - oldest.created_at.getTime());
      return oldest.id > unsureUpTo ? waited : Math.min(waited, performance.now() - unsureSinceMs);
    },
  };
}
