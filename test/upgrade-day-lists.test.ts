import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BetterSqliteDriver, type SqlEntityManager } from '@mikro-orm/better-sqlite';
import { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { planDayLists } from '#src/day-lists/plan-day-lists.ts';
import { sendDayLists } from '#src/day-lists/send-day-lists.ts';
import { type Database, openDatabase } from '#src/db/database.ts';
import { Booking, Company } from '#src/db/entities.ts';
import { ORM_OPTIONS } from '#src/db/orm-options.ts';
import { endOfDay } from '#src/domain/day-lists.ts';
import { dateAt } from '#src/domain/venue-clock.ts';
import { createLog } from '#src/observability/log.ts';
import { temporaryFile } from './support/database.ts';
import { findPostgres, startPostgres } from './support/postgres.ts';
import { bookingRow } from './support/rows.ts';

const postgres = await findPostgres();
const HOUR_MS = 3_600_000;

/** A database of before, with a company, migrated to now. */
async function upgrade(
  orm: { em: SqlEntityManager; close(): Promise<void> },
  url: Parameters<typeof openDatabase>[0]['database'],
): Promise<Database> {
  try {
    await new Migrator(orm.em).up({ to: '0009-reminders' });
    const sql = orm.em.getConnection();
    await sql.execute(`INSERT INTO companies (name, time_zone, created_at) VALUES ('x', 'Asia/Tokyo', '2026-01-01')`);
    await sql.execute(`INSERT INTO users (company_id, role, name, created_at)
      VALUES (1, 'client', 'a', '2026-01-01'), (1, 'specialist', 'b', '2026-01-01')`);
    await sql.execute(
      `INSERT INTO services (company_id, name, duration_min, created_at) VALUES (1, 's', 60, '2026-01-01')`,
    );
  } finally {
    await orm.close();
  }
  const database = await openDatabase({ database: url, log: createLog('silent') });
  await database.migrate();
  return database;
}

/** Whatever the hour of the upgrade: first nobody, and from the next eight o'clock on everybody. */
async function check(database: Database): Promise<void> {
  const look = async (now: Date) => {
    const pages = await planDayLists(database.read(), now, 10);
    return await database.write((tx) => sendDayLists(tx, pages, { now, newId: () => `list-${now.getTime()}` }));
  };
  const row = async () => await database.read().findOneOrFail(Company, { id: 1 }, { disableIdentityMap: true });
  const migrated = (await row()).next_day_list_at ?? new Date(0);
  const ids = { company_id: 1, client_id: 1, specialist_id: 2, service_id: 1 };
  for (const days of [0, 1, 2]) {
    const lateOn = new Date(
      endOfDay(dateAt(migrated, 'Asia/Tokyo'), 'Asia/Tokyo').getTime() + (days * 24 - 1) * HOUR_MS,
    );
    await database.write((tx) => tx.insert(Booking, bookingRow(ids, lateOn)));
  }
  assert.deepEqual(await look(migrated), []);
  const { day_list_at, next_day_list_at } = await row();
  const first = next_day_list_at ?? new Date(0);
  assert.equal(day_list_at, '08:00');
  assert.ok(first > migrated && first.getTime() < migrated.getTime() + 24 * HOUR_MS);
  assert.deepEqual(
    (await look(first)).map(({ user_id, date }) => [user_id, date]),
    [[2, dateAt(first, 'Asia/Tokyo')]],
  );
}

test('companies from before an upgrade get their lists at the next eight o’clock (SQLite)', async (t) => {
  const path = await temporaryFile(t);
  const database = await upgrade(await MikroORM.init({ ...ORM_OPTIONS, driver: BetterSqliteDriver, dbName: path }), {
    kind: 'sqlite',
    path,
  });
  t.after(() => database.close());
  await check(database);
});

test('companies from before an upgrade get their lists at the next eight o’clock (PostgreSQL)', {
  skip: postgres === null && 'no PostgreSQL server is installed here',
}, async (t) => {
  const server = await startPostgres(postgres ?? '');
  t.after(() => server.stop());
  const clientUrl = await server.createDatabase();
  const database = await upgrade(await MikroORM.init({ ...ORM_OPTIONS, driver: PostgreSqlDriver, clientUrl }), {
    kind: 'postgresql',
    url: clientUrl,
  });
  try {
    await check(database);
  } finally {
    await database.close();
  }
});
