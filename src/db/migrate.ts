import type { AbstractSqlDriver } from '@mikro-orm/better-sqlite';
import type { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { MIGRATIONS } from '#migrations/index.ts';
import { DatabaseError } from './errors.ts';

/** How long a process waits for another one's migration. */
export const MIGRATION_WAIT_MS = 60_000;

/**
 * Applies what is pending; the caller holds the lock. Answers the names applied.
 * @throws {DatabaseError} `database_newer` when the database knows migrations that this version does not.
 */
export async function applyMigrations(orm: MikroORM<AbstractSqlDriver>): Promise<string[]> {
  const migrator = new Migrator(orm.em);
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const foreign = (await migrator.getExecutedMigrations()).map(({ name }) => name).filter((name) => !known.has(name));
  if (foreign.length > 0)
    throw new DatabaseError('database_newer', `The database was migrated by a newer version (${foreign.join(', ')})`);
  return (await migrator.up()).map(({ name }) => name);
}
