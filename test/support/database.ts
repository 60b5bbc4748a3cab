import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext } from 'node:test';
import type { Config } from '#src/config.ts';
import { type Database, openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { openTestPostgres, type TestPostgres, writeMigratedSqlite } from './migrated-databases.ts';
import { findPostgres } from './postgres.ts';

/** A test that provokes failures reads them from the errors it gets. */
const QUIET = createLog('silent');

type Step = () => Promise<void>;
const cleanups = new WeakMap<TestContext, Step[]>();

/**
 * Like `t.after`, but what was made last goes first: who asks a database before the database, and that before its folder. A question to a
 * PostgreSQL that is being closed waits for a minute.
 */
export function cleanUp(t: TestContext, step: Step): void {
  const steps = cleanups.get(t) ?? [];
  if (!cleanups.has(t))
    t.after(async () => {
      for (const last of steps.reverse()) await last();
    });
  cleanups.set(t, steps);
  steps.push(step);
}

/** The path of a database file that does not exist yet, in a folder that the end of the test removes. */
export async function temporaryFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-'));
  cleanUp(t, () => rm(folder, { recursive: true }));
  return join(folder, 'vestnik.sqlite');
}

async function open(t: TestContext, database: Config['DATABASE_URL']): Promise<Database> {
  const opened = await openDatabase({ database, log: QUIET });
  cleanUp(t, () => opened.close());
  return opened;
}

/** Opens a SQLite file that others may have open too, without migrating it; closed after the test. */
export const openSqliteFile = (t: TestContext, path: string): Promise<Database> => open(t, { kind: 'sqlite', path });

/** A migrated SQLite database in a folder of its own; closed and removed after the test. */
export async function openTestDatabase(t: TestContext): Promise<Database> {
  return await open(t, await migratedSqlite(t));
}

async function migratedSqlite(t: TestContext): Promise<Config['DATABASE_URL']> {
  const path = await temporaryFile(t);
  await writeMigratedSqlite(path);
  return { kind: 'sqlite', path };
}

const postgres = await findPostgres();

/** How a test gets its databases; all of them are closed and gone after it. */
export interface TestDatabases {
  /** A migrated database of the test's own. */
  open(t: TestContext): Promise<Database>;
  /** One database opened and migrated twice at once, as by two processes. */
  openTwice(t: TestContext): Promise<[Database, Database]>;
}

/** What a database is made of. */
interface Source {
  createEmpty(t: TestContext): Promise<Config['DATABASE_URL']>;
  createMigrated(t: TestContext): Promise<Config['DATABASE_URL']>;
}

function databasesOf({ createEmpty, createMigrated }: Source): TestDatabases {
  const openAndMigrate = async (t: TestContext, url: Config['DATABASE_URL']): Promise<Database> => {
    const database = await open(t, url);
    await database.migrate();
    return database;
  };
  return {
    open: async (t) => await open(t, await createMigrated(t)),
    async openTwice(t) {
      const url = await createEmpty(t);
      return Promise.all([openAndMigrate(t, url), openAndMigrate(t, url)]);
    },
  };
}

/** Defines tests for PostgreSQL, on a private server; skipped where none is installed. */
export function describeOnPostgres(name: string, define: (databases: TestDatabases) => void): void {
  const skip = postgres === null ? 'no PostgreSQL server is installed here' : false;
  describe(`${name} (PostgreSQL)`, { skip }, () => {
    let opened: Promise<TestPostgres> | undefined;
    after(async () => (await opened)?.stop());
    const createOf = (create: (databases: TestPostgres) => Promise<string>) => async (t: TestContext) => {
      opened ??= openTestPostgres(postgres ?? '');
      const databases = await opened;
      const url = await create(databases);
      cleanUp(t, () => databases.drop(url));
      return { kind: 'postgresql' as const, url };
    };
    define(databasesOf({
      createEmpty: createOf(({ createEmpty }) => createEmpty()),
      createMigrated: createOf(({ createMigrated }) => createMigrated()),
    }));
  });
}

/** Defines the same tests twice, for SQLite and for PostgreSQL. */
export function describeOnEachDatabase(name: string, define: (databases: TestDatabases) => void): void {
  describe(`${name} (SQLite)`, () => {
    const createEmpty = async (t: TestContext) => ({ kind: 'sqlite' as const, path: await temporaryFile(t) });
    define(databasesOf({ createEmpty, createMigrated: migratedSqlite }));
  });
  describeOnPostgres(name, define);
}
