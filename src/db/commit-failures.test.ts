import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/core';
import { describeOnPostgres, openSqliteFile, openTestDatabase, temporaryFile } from '#test/support/database.ts';
import { createLog } from '../observability/log.ts';
import type { Database } from './database.ts';
import { Company } from './entities.ts';
import { DatabaseError } from './errors.ts';
import { createGroupCommit } from './group-commit.ts';

const AT = new Date('2026-01-28T11:00:00.000Z');

const insertCompany = (tx: EntityManager, name: string): Promise<number> =>
  tx.insert(Company, { name, time_zone: 'UTC', created_at: AT });

const namesIn = async (database: Database): Promise<string[]> =>
  (await database.read().find(Company, {}, { orderBy: { id: 'asc' } })).map(({ name }) => name);

const hasCode = (code: string) => (error: unknown) => error instanceof DatabaseError && error.code === code;

describeOnPostgres('a lost connection', ({ openTwice }) => {
  test('refuses the group that was under way, and the next group commits', async (t) => {
    const [database, other] = await openTwice(t);
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertCompany(tx, 'neighbour')),
      database.write(async (tx) => {
        const [backend] = await tx.execute<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
        await other.read().execute(`SELECT pg_terminate_backend(${backend?.pid})`);
        await insertCompany(tx, 'never');
      }),
    ]);
    for (const outcome of outcomes)
      assert.ok(outcome.status === 'rejected' && hasCode('commit_failed')(outcome.reason));
    await database.write((tx) => insertCompany(tx, 'next'));
    assert.deepEqual(await namesIn(other), ['next']);
  });

  test('refuses the work that hides a failed statement, and only that one', async (t) => {
    const [database] = await openTwice(t);
    const outcomes = await Promise.allSettled([
      database.write((tx) => insertCompany(tx, 'before')),
      database.write((tx) => tx.execute('SELECT nonsense').catch(() => 'hidden')),
      database.write((tx) => insertCompany(tx, 'after')),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await namesIn(database), ['before', 'after']);
  });
});

test('a commit that fails refuses the whole group, and the next group commits', async (t) => {
  const database = await openTestDatabase(t);
  const outcomes = await Promise.allSettled([
    database.write((tx) => insertCompany(tx, 'neighbour')),
    database.write(async (tx) => {
      await tx.execute('PRAGMA defer_foreign_keys = ON');
      await tx.execute("INSERT INTO locations (company_id, name, created_at) VALUES (999, 'orphan', 0)");
    }),
  ]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, 'rejected');
    assert.ok(hasCode('commit_failed')(outcome.reason));
    assert.match(outcome.reason.cause.message, /FOREIGN KEY/);
  }
  await database.write((tx) => insertCompany(tx, 'next'));
  assert.deepEqual(await namesIn(database), ['next']);
});

test('a transaction that SQLite itself rolled back refuses the whole group, and the next group commits', async (t) => {
  const database = await openTestDatabase(t);
  const outcomes = await Promise.allSettled([
    database.write((tx) => insertCompany(tx, 'neighbour')),
    database.write((tx) => tx.execute("INSERT OR ROLLBACK INTO companies (name) VALUES ('no zone')")),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await database.write((tx) => insertCompany(tx, 'next'));
  assert.deepEqual(await namesIn(database), ['next']);
});

test('a write waits while another process holds the file, and then commits', async (t) => {
  const path = await temporaryFile(t);
  const database = await openSqliteFile(t, path);
  await database.migrate();
  const other = await openSqliteFile(t, path);
  let released = false;
  const holding = other.write(async (tx) => {
    await tx.insert(Company, { name: 'holder', time_zone: 'UTC', created_at: AT });
    await sleep(1500);
    released = true;
  });
  await sleep(100);
  const reading = await database.read().count(Company);
  await database.write(async (tx) => {
    assert.equal(await tx.count(Company), 1);
    await insertCompany(tx, 'waiter');
  });
  assert.ok(released);
  await holding;
  assert.equal(reading, 0);
  assert.deepEqual(await namesIn(database), ['holder', 'waiter']);
});

test('writes are refused as busy once the database has been held for too long', async () => {
  let tries = 0;
  const { write, close } = createGroupCommit({
    begin: () => {
      tries += 1;
      return Promise.reject(new DatabaseError('database_busy', 'held'));
    },
    log: createLog('silent'),
    busyBoundMs: 100,
  });
  const outcomes = await Promise.allSettled([write(async () => 1), write(async () => 2)]);
  for (const outcome of outcomes) assert.ok(outcome.status === 'rejected' && hasCode('database_busy')(outcome.reason));
  assert.ok(tries > 3);
  await close();
});
