import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** From so many bytes on the log is put into the database: long enough to write a page once that changed often. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;
/** A reader that is in the way, or another process at work on it, is given so long before the next try. */
const PAUSE_MS = 100;

/** SQLite's write-ahead log, of which this process makes sure that the disk has it: outside the main thread, where SQLite itself would do it. */
export interface WalFile {
  /** Resolves when the disk has all that was committed; a checkpoint follows when the log is long. @throws what the disk says. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param path of the database
 * @param checkpoint puts the log into the database and makes it empty where nobody is in the way
 * @param failed told of a checkpoint that failed; the next one makes up for it
 */
export function createWalFile({
  path,
  checkpoint,
  failed,
}: {
  path: string;
  checkpoint: () => Promise<void>;
  failed: (error: unknown) => void;
}): WalFile {
  let file: FileHandle | undefined;
  let running: Promise<void> | undefined;
  let notBeforeMs = 0;

  async function runCheckpoint(): Promise<void> {
    await checkpoint().catch(failed);
    notBeforeMs = performance.now() + PAUSE_MS;
    running = undefined;
  }

  function checkpointIfLong({ fd }: FileHandle): void {
    if (performance.now() < notBeforeMs || fstatSync(fd).size < CHECKPOINT_BYTES) return;
    running ??= runCheckpoint();
  }

  return {
    async sync() {
      // It stays the same file while a connection is open, and no lock of SQLite's hangs on it that closing it could drop.
      file ??= await open(`${path}-wal`);
      await file.datasync();
      checkpointIfLong(file);
    },
    async close() {
      await running;
      await file?.close();
    },
  };
}
