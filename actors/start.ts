import type { RecipientRecord, StreamEntry } from '#streams/entry.ts';
import type { Ledger } from '#streams/ledger.ts';
import type { Recall } from './recall.ts';

/** The work was given up because the process stops or the partition passed on; the entry stays pending. */
export class Interrupted extends Error {
  readonly code = 'interrupted';
}

/** The attempt does not count. */
export function giveBack(record: RecipientRecord): void {
  record.attempts -= 1;
  record.state = 'waiting';
}

/** An attempt's word in the ledger that it begins: what stands there when its process ends counts as made. */
export interface Start {
  isMade(): boolean;
  /** Resolves when it stands there; written once. Rejects when the attempt must not begin, which is then given back. */
  written(): Promise<void>;
  /** The same as an answer. */
  begin(): Promise<boolean>;
}

/** @param state how the ledger names an attempt that is under way */
export function createStart(
  entry: StreamEntry,
  record: RecipientRecord,
  state: 'started' | 'alone',
  { ledger, recall, isCurrent }: { ledger: Ledger; recall: Recall; isCurrent(): boolean },
): Start {
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    record.attempts += 1;
    record.state = state;
    try {
      await ledger.write(entry, record);
    } catch (error) {
      // It never began, and the process knows this better than Redis.
      giveBack(record);
      throw error;
    }
    if (isCurrent()) return;
    // The process stood still between the word and the deed; somebody else may be at it by now.
    giveBack(record);
    recall.remember(entry.id, record);
    throw new Interrupted('the lease ran out before the attempt began');
  }

  function written(): Promise<void> {
    writing ??= write();
    return writing;
  }

  return {
    isMade: () => writing !== null,
    written,
    begin: () =>
      written().then(
        () => true,
        () => false,
      ),
  };
}
