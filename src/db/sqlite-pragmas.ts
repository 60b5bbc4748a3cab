const SHARED = 'PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;';
const READING = `${SHARED} PRAGMA query_only = ON;`;

/**
 * The writer does not wait inside SQLite (busy_timeout): that would hold up the whole process, while a busy rival goes first every
 * time. The group commit tries again by itself. Nor does COMMIT wait for the disk: the `WalFile` does, and sees to checkpoints. NORMAL
 * still keeps what is written in an order that no power loss breaks.
 */
export const WRITER_PRAGMAS = `PRAGMA busy_timeout = 0; ${SHARED} PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;`;

/** A reader waits only where another process died in the middle of a write and its log is looked through; it holds up everything then. */
export const READER_PRAGMAS = `PRAGMA busy_timeout = 200; ${READING}`;

/** In a thread of its own. */
export const SURVEY_PRAGMAS = `PRAGMA busy_timeout = 5000; ${READING}`;

/** A checkpoint that waits for readers keeps writers out meanwhile: not for long, there will be another one. */
export const CHECKPOINT_PRAGMAS = 'PRAGMA busy_timeout = 20; PRAGMA synchronous = NORMAL;';
