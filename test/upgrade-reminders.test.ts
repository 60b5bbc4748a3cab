import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BetterSqliteDriver } from '@mikro-orm/better-sqlite';
import { MikroORM } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { type Database, openDatabase, type Sql } from '#src/db/database.ts';
import { dueBookings } from '#src/db/due-bookings.ts';
import { ORM_OPTIONS } from '#src/db/orm-options.ts';
import { continuePass, openPasses } from '#src/db/reminder-passes.ts';
import { remindedBooking, storedCases } from '#src/db/reminder-work.ts';
import { createLog } from '#src/observability/log.ts';
import { remindDue } from '#src/reminders/remind-due.ts';
import { temporaryFile } from './support/database.ts';
import { findPostgres, startPostgres } from './support/postgres.ts';

const postgres = await findPostgres();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One company with bookings to come, one whose booking is over, one whose booking to come is cancelled. */
async function fill(em: Sql, now: Date): Promise<void> {
  await new Migrator(em).up({ to: '0008-webhooks' });
  const sql = em.getConnection();
  const inMs = (ms: number) => new Date(now.getTime() + ms);
  for (const id of [1, 2, 3]) {
    const made = inMs(-365 * DAY_MS);
    await sql.execute('INSERT INTO companies (name, time_zone, created_at) VALUES (?, ?, ?)', ['x', 'UTC', made]);
    for (const role of ['client', 'specialist'])
      await sql.execute('INSERT INTO users (company_id, role, name, created_at) VALUES (?, ?, ?, ?)', [
        ...[id, role, role, made],
      ]);
    await sql.execute('INSERT INTO services (company_id, name, duration_min, created_at) VALUES (?, ?, 60, ?)', [
      ...[id, 's', made],
    ]);
  }
  for (const [company, hours, status] of [
    ...([
      [1, 3, 'created'],
      [1, 30, 'created'],
      [1, -3, 'created'],
    ] as const),
    ...([
      [2, -3, 'created'],
      [3, 30, 'cancelled'],
    ] as const),
  ]) {
    const people = [company, company * 2 - 1, company * 2, company];
    const times = [inMs(hours * HOUR_MS), inMs((hours + 1) * HOUR_MS), inMs(-7 * DAY_MS), inMs(-7 * DAY_MS)];
    await sql.execute(
      `INSERT INTO bookings (company_id, client_id, specialist_id, service_id, starts_at, ends_at, created_at, updated_at,
        duration_min, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 60, ?)`,
      [...people, ...times, status],
    );
  }
}

async function checkUpgrade(database: Database): Promise<void> {
  await database.migrate();
  assert.deepEqual(await openPasses(database.read(), 10), [1]);
  const now = new Date();
  await database.write((tx) => continuePass(tx, 1, now, 500));
  assert.deepEqual(await dueBookings(database.read(), now, { room: 10, underWay: new Map() }), [1, 2]);
  const look = async (at: Date) => {
    const ids = [1, 2, 3, 4, 5];
    const { events } = await database.write((tx) => remindDue(tx, ids, { now: at, newId: () => 'reminder-1' }));
    return events.map(({ booking_id }) => booking_id);
  };
  assert.deepEqual(await look(now), []);
  assert.deepEqual(await look(new Date(now.getTime() + 1.5 * HOUR_MS)), [1]);
  const cases = (await storedCases(database.read(), [1, 2, 3, 4, 5])).map(remindedBooking);
  assert.deepEqual(
    cases.flatMap(({ id, decided }) => decided.map(({ key, state }) => [id, key, state])),
    [[1, '120', 'emitted']],
  );
}

async function upgrade(
  t: TestContext,
  orm: { em: Sql; close(): Promise<void> },
  open: () => Promise<Database>,
): Promise<void> {
  try {
    await fill(orm.em, new Date());
  } finally {
    await orm.close();
  }
  const database = await open();
  t.after(() => database.close());
  await checkUpgrade(database);
}

const BEHAVIOUR = 'bookings from before an upgrade are reminded of from then on, and of nothing that was due before';
const log = createLog('silent');

test(`${BEHAVIOUR} (SQLite)`, async (t) => {
  const path = await temporaryFile(t);
  const orm = await MikroORM.init({ ...ORM_OPTIONS, driver: BetterSqliteDriver, dbName: path });
  await upgrade(t, orm, () => openDatabase({ database: { kind: 'sqlite', path }, log }));
});

test(`${BEHAVIOUR} (PostgreSQL)`, {
  skip: postgres === null && 'no PostgreSQL server is installed here',
}, async (t) => {
  const server = await startPostgres(postgres ?? '');
  t.after(() => server.stop());
  const clientUrl = await server.createDatabase();
  const orm = await MikroORM.init({ ...ORM_OPTIONS, driver: PostgreSqlDriver, clientUrl });
  await upgrade(t, orm, () => openDatabase({ database: { kind: 'postgresql', url: clientUrl }, log }));
});
