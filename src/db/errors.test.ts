import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { findPostgres, startPostgres } from '#test/support/postgres.ts';
import { createLog } from '../observability/log.ts';
import { type Database, openDatabase } from './database.ts';
import { Company } from './entities.ts';
import { DatabaseError, isDatabaseAway } from './errors.ts';

const NAME_OF_AN_OUTAGE = 'Connection terminated unexpectedly';

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail('nothing failed'),
    (error: unknown) => error,
  );

const codesOf = (...codes: string[]) => codes.map((code) => Object.assign(new Error('from a driver'), { code }));

test('an outage is known by its code, whichever driver it comes from', () => {
  const away = [
    new DatabaseError('database_busy', 'held'),
    ...codesOf('08006', '53300', '57P01', '57P03', '40P01', '55P03'),
    ...codesOf('SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_FULL'),
    ...codesOf('ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'),
  ];
  for (const error of away) assert.equal(isDatabaseAway(error), true, `${error.code}`);
  const refused = codesOf(
    '22021',
    '23505',
    '42P01',
    '57014',
    '5300',
    'SQLITE_CONSTRAINT',
    'SQLITE_ERROR',
    'ERR_ASSERTION',
  );
  for (const error of refused) assert.equal(isDatabaseAway(error), false, error.code);
});

test('an outage without a code is known by its words, and not by a name that a statement holds', () => {
  const words = [
    'Connection terminated',
    NAME_OF_AN_OUTAGE,
    `SELECT 1 - ${NAME_OF_AN_OUTAGE}`,
    'Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?',
  ];
  for (const message of words) assert.equal(isDatabaseAway(new Error(message)), true, message);
  for (const message of [`INSERT '${NAME_OF_AN_OUTAGE}' - no such table`, 'no one is not queryable', ''])
    assert.equal(isDatabaseAway(new Error(message)), false, message);
  for (const nothing of [undefined, null, NAME_OF_AN_OUTAGE, {}]) assert.equal(isDatabaseAway(nothing), false);
});

test('a full SQLite is an outage, a statement that it refuses is none', async (t) => {
  const database = await openTestDatabase(t);
  await database.write((tx) => tx.execute('PRAGMA max_page_count = 1'));
  const long = 'x'.repeat(1_000_000);
  const insert = () =>
    database.write((tx) => tx.insert(Company, { name: long, time_zone: 'UTC', created_at: new Date() }));
  assert.equal(isDatabaseAway(await failure(insert())), true);
  await database.write((tx) => tx.execute('PRAGMA max_page_count = 1000000'));
  await insert();
  assert.equal(isDatabaseAway(await failure(database.read().execute('SELECT nonsense'))), false);
});

const bin = await findPostgres();

describe('PostgreSQL', { skip: bin === null ? 'no PostgreSQL server is installed here' : false }, () => {
  test('is away for reads and writes from its crash until it is back, and only then', async (t) => {
    const server = await startPostgres(bin ?? '');
    let database: Database | undefined;
    t.after(async () => {
      await database?.close();
      await server.stop();
    });
    const url = await server.createDatabase();
    const opened = await openDatabase({ database: { kind: 'postgresql', url }, log: createLog('silent') });
    database = opened;
    await opened.migrate();
    const read = () => opened.read().count(Company);
    await read();
    const interrupted = [
      opened.read().execute('SELECT pg_sleep(30)'),
      opened.write((tx) => tx.execute('SELECT pg_sleep(30)')),
    ].map(failure);
    await eventually(async () => {
      const sleeping = `SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()`;
      assert.equal((await opened.read().execute<unknown[]>(sleeping)).length, 2);
    });
    await server.kill();
    for (const error of await Promise.all(interrupted)) assert.equal(isDatabaseAway(error), true, String(error));
    for (let tries = 0; tries < 6; tries += 1) {
      const error = await failure(read());
      assert.equal(isDatabaseAway(error), true, String(error));
    }
    await server.start();
    assert.equal(await eventually(read), 0);
    assert.equal(isDatabaseAway(await failure(opened.read().execute('SELECT nonsense'))), false);
  });
});
