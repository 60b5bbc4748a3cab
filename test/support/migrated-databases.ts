import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '#src/config.ts';
import { openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { databasesAt, type PostgresServer, startPostgres } from './postgres.ts';

// All migrations take longer than most tests: a database is migrated once, and each test has a copy of it.

/** Where the environment of a test file names what was made for all files of the run; without, the file makes its own. */
export const SQLITE_VARIABLE = 'VESTNIK_TEST_SQLITE';
export const POSTGRES_VARIABLE = 'VESTNIK_TEST_POSTGRES';
const TEMPLATE = 'vestnik_migrated';

async function migrate(database: Config['DATABASE_URL']): Promise<void> {
  const opened = await openDatabase({ database, log: createLog('silent') });
  try {
    await opened.migrate();
  } finally {
    await opened.close();
  }
}

async function makeSqlite(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-'));
  try {
    const path = join(folder, 'vestnik.sqlite');
    await migrate({ kind: 'sqlite', path });
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

let sqlite: Promise<Buffer> | undefined;

/** Makes the file of a SQLite database that is migrated and empty. */
export async function writeMigratedSqlite(path: string): Promise<void> {
  const made = process.env[SQLITE_VARIABLE];
  sqlite ??= made === undefined ? makeSqlite() : readFile(made);
  await writeFile(path, await sqlite);
}

/** A server of this process, with a database to copy. */
export async function startPostgresWithTemplate(bin: string): Promise<PostgresServer> {
  const server = await startPostgres(bin);
  await migrate({ kind: 'postgresql', url: await server.createDatabase({ name: TEMPLATE }) });
  return server;
}

/** The PostgreSQL of a test file. */
export interface TestPostgres {
  createEmpty(): Promise<string>;
  /** One that is migrated, and empty. */
  createMigrated(): Promise<string>;
  /** Also one that somebody is connected to. */
  drop(url: string): Promise<void>;
  /** Ends the server, unless it is that of all files. */
  stop(): Promise<void>;
}

export async function openTestPostgres(bin: string): Promise<TestPostgres> {
  const made = process.env[POSTGRES_VARIABLE];
  const own = made === undefined ? await startPostgresWithTemplate(bin) : null;
  const databases = own ?? databasesAt(bin, made ?? '');
  return {
    createEmpty: () => databases.createDatabase(),
    createMigrated: () => databases.createDatabase({ template: TEMPLATE }),
    drop: databases.dropDatabase,
    stop: async () => await own?.stop(),
  };
}
