const READ_TIMEOUT_MS = 5000;

const SHARED = 'PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;';

/**
 * The writer does not wait inside SQLite (busy_timeout): that would hold up the whole process, while a busy rival goes first every
 * time. The group commit tries again by itself. Nor does SQLite wait for the disk: the `WalFile` does, and sees to checkpoints.
 */
export const WRITER_PRAGMAS = `PRAGMA busy_timeout = 0; ${SHARED} PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;`;

export const READER_PRAGMAS = `PRAGMA busy_timeout = ${READ_TIMEOUT_MS}; ${SHARED} PRAGMA query_only = ON;`;

/** A checkpoint that waits for readers keeps writers out meanwhile: not for long, there will be another one. */
export const CHECKPOINT_PRAGMAS = 'PRAGMA busy_timeout = 20; PRAGMA synchronous = NORMAL;';
