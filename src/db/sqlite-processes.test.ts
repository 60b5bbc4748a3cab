import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { MIGRATIONS } from '#migrations/index.ts';
import { openSqliteFile, temporaryFile } from '#test/support/database.ts';
import { programArguments } from '#test/support/node-program.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './errors.ts';
import { openOutboxRows } from './outbox.ts';

const ALL = MIGRATIONS.map(({ name }) => name);
const PROGRAM = programArguments('#test/support/writing-app.ts');

interface WritingProcess {
  /** Events that it said were committed. */
  acknowledged: string[];
  migrated: number;
  /** Resolves once `count` events are acknowledged. */
  until(count: number): Promise<void>;
  kill(): void;
  ended: Promise<void>;
}

function startWriting(t: TestContext, path: string, name: string, count: number): WritingProcess {
  const child = spawn(process.execPath, [...PROGRAM, path, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const started: WritingProcess = {
    acknowledged: [],
    migrated: 0,
    async until(wanted) {
      while (started.acknowledged.length < wanted) await once(lines, 'line');
    },
    kill: () => child.kill('SIGKILL'),
    ended: once(child, 'close').then(() => undefined),
  };
  lines.on('line', (line) => {
    if (line.startsWith('migrated ')) started.migrated += Number(line.slice('migrated '.length));
    else started.acknowledged.push(line);
  });
  return started;
}

const eventIdsIn = async (database: Database): Promise<string[]> =>
  (
    await openOutboxRows(database.read(), {
      afterId: 0,
      limit: 100_000,
      share: { lane: 'p2p', shares: 1, remainder: 0 },
    })
  ).map(({ event_id }) => event_id);

test('two processes that start and write at once migrate once and lose nothing', async (t) => {
  const path = await temporaryFile(t);
  const processes = [startWriting(t, path, 'a', 400), startWriting(t, path, 'b', 400)];
  await Promise.all(processes.map(({ ended }) => ended));
  assert.deepEqual(processes.map(({ migrated }) => migrated).sort(), [0, ALL.length]);
  const acknowledged = processes.flatMap((process) => process.acknowledged);
  assert.equal(acknowledged.length, 800);
  assert.deepEqual((await eventIdsIn(await openSqliteFile(t, path))).sort(), acknowledged.sort());
});

test('a kill -9 loses no acknowledged write and leaves the file whole', async (t) => {
  const path = await temporaryFile(t);
  const killed = startWriting(t, path, 'a', Number.MAX_SAFE_INTEGER);
  await killed.until(300);
  killed.kill();
  await killed.ended;
  const database = await openSqliteFile(t, path);
  const stored = new Set(await eventIdsIn(database));
  assert.deepEqual(
    killed.acknowledged.filter((id) => !stored.has(id)),
    [],
  );
  assert.deepEqual(await database.read().execute('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.deepEqual(await database.migrate(), []);
});

test('a database of a newer version is refused by name', async (t) => {
  const database = await openSqliteFile(t, await temporaryFile(t));
  assert.deepEqual(await database.migrate(), ALL);
  await database.write((tx) => tx.execute("INSERT INTO mikro_orm_migrations (name) VALUES ('9999-later')"));
  await assert.rejects(
    database.migrate(),
    (error) =>
      error instanceof DatabaseError && error.code === 'database_newer' && error.message.includes('9999-later'),
  );
});

test('migrating twice at once in one process applies everything once', async (t) => {
  const path = await temporaryFile(t);
  const databases = [await openSqliteFile(t, path), await openSqliteFile(t, path)];
  const applied = await Promise.all(databases.map((database) => database.migrate()));
  assert.deepEqual(applied.flat(), ALL);
});

test('a new database has a write-ahead log written in order, and checks deletes of parents', async (t) => {
  const database = await openSqliteFile(t, await temporaryFile(t));
  const settings = await database.write((tx) =>
    Promise.all(['journal_mode', 'synchronous', 'foreign_keys'].map((name) => tx.execute(`PRAGMA ${name}`))),
  );
  assert.deepEqual(settings.flat(), [{ journal_mode: 'wal' }, { synchronous: 1 }, { foreign_keys: 1 }]);
});
