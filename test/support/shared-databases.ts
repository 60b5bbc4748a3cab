import { join } from 'node:path';
import {
  POSTGRES_VARIABLE,
  SQLITE_VARIABLE,
  startPostgresWithTemplate,
  writeMigratedSqlite,
} from './migrated-databases.ts';
import { findPostgres } from './postgres.ts';

/**
 * Makes what all test files of a run copy; answers what their environment must say of it.
 * @param folder for the SQLite file
 */
export async function makeSharedDatabases(
  folder: string,
): Promise<{ env: Record<string, string>; stop(): Promise<void> }> {
  const path = join(folder, 'migrated.sqlite');
  const bin = await findPostgres();
  const [postgres] = await Promise.all([
    bin === null ? null : startPostgresWithTemplate(bin),
    writeMigratedSqlite(path),
  ]);
  const env = { [SQLITE_VARIABLE]: path, ...(postgres && { [POSTGRES_VARIABLE]: postgres.url }) };
  return { env, stop: async () => await postgres?.stop() };
}
