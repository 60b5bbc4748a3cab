import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { openDatabase } from '#src/db/database.ts';
import { ORM_OPTIONS } from '#src/db/orm-options.ts';
import { createLog } from '#src/observability/log.ts';
import { findPostgres, startPostgres } from './support/postgres.ts';

const postgres = await findPostgres();
const OPERATIONS = 'docs/operations.md';

test('an operator may make the indexes of the delivery log before the upgrade, as the documentation says', {
  skip: postgres === null && 'no PostgreSQL server is installed here',
}, async (t) => {
  const server = await startPostgres(postgres ?? '');
  t.after(() => server.stop());
  const clientUrl = await server.createDatabase();
  const orm = await MikroORM.init({ ...ORM_OPTIONS, driver: PostgreSqlDriver, clientUrl });
  const database = await openDatabase({ database: { kind: 'postgresql', url: clientUrl }, log: createLog('silent') });
  try {
    const sql = orm.em.getConnection();
    const indexes = async () =>
      (
        await sql.execute<{ indexdef: string }[]>(
          "SELECT indexdef FROM pg_indexes WHERE tablename = 'deliveries' ORDER BY indexname",
        )
      ).map(({ indexdef }) => indexdef);
    await new Migrator(orm.em).up({ to: '0005-api-keys' });
    const before = await indexes();
    const documented = (await readFile(OPERATIONS, 'utf8')).match(/^CREATE INDEX CONCURRENTLY .*;$/gm) ?? [];
    for (const statement of documented) await sql.execute(statement);
    const byHand = await indexes();
    assert.equal(byHand.length, before.length + 3);
    await database.migrate();
    assert.deepEqual(await indexes(), byHand);
  } finally {
    await database.close();
    await orm.close();
  }
});
