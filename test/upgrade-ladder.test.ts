import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BetterSqliteDriver } from '@mikro-orm/better-sqlite';
import { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { type Database, openDatabase, type Sql } from '#src/db/database.ts';
import { ORM_OPTIONS } from '#src/db/orm-options.ts';
import { booleanOf, type StoredBoolean } from '#src/db/stored-values.ts';
import { createLog } from '#src/observability/log.ts';
import { temporaryFile } from './support/database.ts';
import { findPostgres, startPostgres } from './support/postgres.ts';

const postgres = await findPostgres();
const log = createLog('silent');
const BEHAVIOUR =
  'companies from before an upgrade hear of who has not confirmed, and those that chose otherwise as they chose';

/** One company as it was, and one that has a row for the event already. */
async function fill(em: Sql): Promise<void> {
  await new Migrator(em).up({ to: '0009-reminders' });
  const sql = em.getConnection();
  for (const name of ['x', 'y'])
    await sql.execute('INSERT INTO companies (name, time_zone, created_at) VALUES (?, ?, ?)', [
      name,
      'UTC',
      new Date(),
    ]);
  for (const [company, type] of [
    [1, 'booking_reminder'],
    [2, 'booking_unconfirmed'],
  ])
    await sql.execute(
      `INSERT INTO notification_settings (event_type, recipient_role, channel, enabled, company_id)
        VALUES (?, 'client', 'all', ?, ?)`,
      [type, false, company],
    );
}

async function checkUpgrade(orm: { em: Sql; close(): Promise<void> }, open: () => Promise<Database>): Promise<void> {
  try {
    await fill(orm.em);
  } finally {
    await orm.close();
  }
  const database = await open();
  try {
    await database.migrate();
    const rows = await database.read().execute<{ company_id: number; role: string; enabled: StoredBoolean }[]>(
      `SELECT company_id, recipient_role AS role, enabled FROM notification_settings
        WHERE event_type = 'booking_unconfirmed' ORDER BY company_id, recipient_role`,
    );
    assert.deepEqual(
      rows.map(({ company_id, role, enabled }) => [company_id, role, booleanOf(enabled)]),
      [
        [1, 'admin', true],
        [1, 'client', true],
        [1, 'specialist', false],
        [2, 'client', false],
      ],
    );
    const ladders = await database
      .read()
      .execute<{ no_show_ladder: string | null }[]>('SELECT no_show_ladder FROM companies');
    assert.deepEqual(
      ladders.map(({ no_show_ladder }) => no_show_ladder),
      [null, null],
    );
  } finally {
    await database.close();
  }
}

test(`${BEHAVIOUR} (SQLite)`, async (t) => {
  const path = await temporaryFile(t);
  const orm = await MikroORM.init({ ...ORM_OPTIONS, driver: BetterSqliteDriver, dbName: path });
  await checkUpgrade(orm, () => openDatabase({ database: { kind: 'sqlite', path }, log }));
});

test(`${BEHAVIOUR} (PostgreSQL)`, {
  skip: postgres === null && 'no PostgreSQL server is installed here',
}, async (t) => {
  const server = await startPostgres(postgres ?? '');
  t.after(() => server.stop());
  const clientUrl = await server.createDatabase();
  const orm = await MikroORM.init({ ...ORM_OPTIONS, driver: PostgreSqlDriver, clientUrl });
  await checkUpgrade(orm, () => openDatabase({ database: { kind: 'postgresql', url: clientUrl }, log }));
});
