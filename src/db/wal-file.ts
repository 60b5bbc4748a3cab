import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DatabaseError } from './errors.ts';

/** From so many bytes on the log is put into the database: long enough to write a page once that changed often. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** Between two checkpoints; the longer, the more of them failed, or met somebody in the way. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;

/** SQLite's write-ahead log, of which this process makes sure that the disk has it: outside the main thread, where SQLite itself would do it. */
export interface WalFile {
  /**
   * One call at a time. Resolves when the disk has all that was committed; a checkpoint follows when the log is long. When it rejects, nobody knows what the
   * disk has: what was committed is visible, and the next call resolves only after a checkpoint, which writes all of it anew.
   * @throws what the disk says.
   */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param path of the database
 * @param checkpoint puts the log into the database and makes it empty; false when somebody was in the way
 * @param failed told when checkpoints begin to fail
 */
export function createWalFile({
  path,
  checkpoint,
  failed,
}: {
  path: string;
  checkpoint: () => Promise<boolean>;
  failed: (error: unknown) => void;
}): WalFile {
  // It stays the same file while a connection is open, and no lock of SQLite's hangs on it that closing it could drop.
  let file: FileHandle | undefined;
  let running: Promise<void> | undefined;
  let isUnsure = false;
  let pauseMs = FIRST_PAUSE_MS;
  let notBeforeMs = 0;

  async function syncAll(handle: FileHandle): Promise<void> {
    if (isUnsure && !(await checkpoint()))
      throw new DatabaseError('commit_failed', 'The disk failed, and the log cannot be written anew now');
    isUnsure = false;
    try {
      await handle.datasync();
    } catch (error) {
      // The system may take for written by now what it could not write, and the next call would succeed.
      isUnsure = true;
      throw error;
    }
  }

  async function attempt(): Promise<unknown> {
    try {
      return (await checkpoint())
        ? null
        : new DatabaseError('database_busy', 'The log is in use and cannot be emptied');
    } catch (error) {
      return error;
    }
  }

  async function runCheckpoint(): Promise<void> {
    const error = await attempt();
    const nextPauseMs = error === null ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, MAX_PAUSE_MS);
    // Somebody is in the way now and then; only after some seconds of it the log grows.
    if (error !== null && nextPauseMs === MAX_PAUSE_MS && pauseMs < MAX_PAUSE_MS) failed(error);
    pauseMs = nextPauseMs;
    notBeforeMs = performance.now() + pauseMs;
    running = undefined;
  }

  function checkpointIfLong({ fd }: FileHandle): void {
    if (performance.now() < notBeforeMs || fstatSync(fd).size < CHECKPOINT_BYTES) return;
    running ??= runCheckpoint();
  }

  return {
    async sync() {
      file ??= await open(`${path}-wal`);
      await syncAll(file);
      checkpointIfLong(file);
    },
    async close() {
      await running;
      await file?.close();
    },
  };
}
