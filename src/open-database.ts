import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/database.ts';
import { DatabaseError } from './db/errors.ts';
import type { Logger } from './observability/log.ts';

/** Making a folder may hang for ever: below /proc, or on a file server that is away. */
const FOLDER_DEADLINE_MS = 5_000;
/** Above the half minute for which a busy SQLite file is tried. */
const OPEN_DEADLINE_MS = 40_000;

/** The database of DATABASE_URL cannot be used; the message is one line that says why and what to do. */
export class DatabaseStartError extends Error {
  readonly code = 'database_start_failed';
}

/**
 * Opens the database of DATABASE_URL and brings it up to date; answers the names of the migrations applied.
 * @throws {DatabaseStartError} and leaves nothing open.
 */
export async function openMigrated(options: {
  database: Config['DATABASE_URL'];
  log: Logger;
}): Promise<{ database: Database; applied: string[] }> {
  let database: Database | undefined;
  try {
    if (options.database.kind === 'sqlite') await makeFolder(dirname(options.database.path));
    database = await inTime(openDatabase(options), OPEN_DEADLINE_MS, 'it did not open');
    return { database, applied: await database.migrate() };
  } catch (cause) {
    await database?.close();
    throw new DatabaseStartError(
      `DATABASE_URL ${place(options.database)} cannot be used: ${reasonOf(cause, options)}`,
      {
        cause,
      },
    );
  }
}

async function makeFolder(folder: string): Promise<void> {
  await inTime(mkdir(folder, { recursive: true }), FOLDER_DEADLINE_MS, `the folder ${folder} could not be made`);
}

async function inTime<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const done = new AbortController();
  const late = sleep(deadlineMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${what} within ${deadlineMs / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined); // the abort's own rejection
    done.abort();
  }
}

/** The address without a user and a password. */
function place(database: Config['DATABASE_URL']): string {
  if (database.kind === 'sqlite') return `sqlite:${database.path}`;
  const { host, pathname } = new URL(database.url);
  return `postgresql://${host}${pathname}`;
}

const ADVICE = {
  sqlite: 'name a file in a folder that this process may write to',
  postgresql: 'start the database, or correct the address, the user or the password',
} as const;

function reasonOf(cause: unknown, { database }: { database: Config['DATABASE_URL'] }): string {
  // These say all there is to say.
  if (cause instanceof DatabaseError && !(cause.cause instanceof Error)) return cause.message;
  const told = cause instanceof DatabaseError ? cause.cause : cause;
  return `${driverWords(told)}; ${ADVICE[database.kind]}`;
}

/** knex writes the statement in front of the driver's words; a refused connection to two addresses has only a code. */
function driverWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = error.message.split(' - ').at(-1)?.split('\n')[0]?.trim();
  return words || ('code' in error ? String(error.code) : error.name);
}
