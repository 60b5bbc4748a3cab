import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import openFile from 'better-sqlite3';
import { openSqliteFile, temporaryFile } from '#test/support/database.ts';
import { onDatasync } from '#test/support/disk.ts';
import { eventually } from '#test/support/eventually.ts';
import type { Sql } from './database.ts';

const insert = (tx: Sql, event: string) =>
  tx.execute('INSERT INTO outbox (company_id, event_id, event, lane, created_at) VALUES (1, ?, ?, ?, ?)', [
    crypto.randomUUID(),
    event,
    'p2p',
    new Date(0),
  ]);

async function openMigrated(t: TestContext) {
  const path = await temporaryFile(t);
  const database = await openSqliteFile(t, path);
  await database.migrate();
  return { path, database };
}

test('a write is answered when the disk has it, and not before', async (t) => {
  const { database } = await openMigrated(t);
  let diskHasIt = (): void => undefined;
  const disk = new Promise<void>((resolve) => {
    diskHasIt = resolve;
  });
  await onDatasync(t, async (datasync) => {
    await disk;
    await datasync();
  });
  let isAnswered = false;
  const written = database
    .write((tx) => insert(tx, 'x'))
    .then(() => {
      isAnswered = true;
    });
  await sleep(100);
  assert.equal(isAnswered, false);
  diskHasIt();
  await written;
});

test('each commit waits for the disk once, whoever shares it', async (t) => {
  const { database } = await openMigrated(t);
  const datasync = await onDatasync(t, (original) => original());
  await Promise.all(Array.from({ length: 20 }, () => database.write((tx) => insert(tx, 'x'))));
  await database.write((tx) => insert(tx, 'y'));
  assert.equal(datasync.mock.callCount(), 2);
});

test('a disk that fails refuses the write, and the next one is answered when all of the log is in the database', async (t) => {
  const { path, database } = await openMigrated(t);
  const datasync = await onDatasync(t, () => Promise.reject(Object.assign(new Error('i/o error'), { code: 'EIO' })));
  await assert.rejects(
    database.write((tx) => insert(tx, 'x')),
    { name: 'DatabaseError', code: 'commit_failed' },
  );
  datasync.mock.restore();
  // Whoever was refused finds it there all the same: nobody knows what the disk has.
  assert.equal((await database.read().execute('SELECT 1 FROM outbox')).length, 1);
  assert.notEqual((await stat(`${path}-wal`)).size, 0);
  await database.write((tx) => insert(tx, 'y'));
  assert.equal((await stat(`${path}-wal`)).size, 0);
});

test('a log that a reader keeps from being emptied is emptied when the reader has gone', async (t) => {
  const { path, database } = await openMigrated(t);
  await database.write((tx) => insert(tx, 'x'));
  const reader = openFile(path);
  t.after(() => reader.close());
  reader.exec('BEGIN; SELECT * FROM outbox');
  const write = () => database.write((tx) => insert(tx, 'x'.repeat(1024 ** 2)));
  for (let megabyte = 0; megabyte < 12; megabyte += 1) await write();
  await sleep(300);
  const size = async () => (await stat(`${path}-wal`)).size;
  assert.equal((await size()) > 8 * 1024 ** 2, true);
  reader.exec('COMMIT');
  await eventually(async () => {
    await database.write((tx) => insert(tx, 'y'));
    assert.equal((await size()) < 1024 ** 2, true);
  }, 20_000);
});

// Before 3.51.3 a log that was begun anew during a checkpoint could lose what was committed (release notes, "WAL-reset bug").
test('SQLite is new enough to make checkpoints beside writers', async (t) => {
  const { database } = await openMigrated(t);
  const [row] = await database.read().execute<{ version: string }[]>('SELECT sqlite_version() AS version');
  const [major = 0, minor = 0, patch = 0] = (row?.version ?? '').split('.').map(Number);
  assert.equal(major * 1_000_000 + minor * 1000 + patch >= 3_051_003, true, row?.version);
});

test('whole numbers are bound as such', async (t) => {
  const { database } = await openMigrated(t);
  const [row] = await database.read().execute(`SELECT ? || '' AS text, 7 / ? AS whole, ? AS real`, [5, 2, 1.5]);
  assert.deepEqual(row, { text: '5', whole: 3, real: 1.5 });
});

test('a long log is put into the database while writes go on', async (t) => {
  const { path, database } = await openMigrated(t);
  const size = async () => (await stat(`${path}-wal`)).size;
  for (let megabyte = 0; megabyte < 12; megabyte += 1) await database.write((tx) => insert(tx, 'x'.repeat(1024 ** 2)));
  await eventually(async () => {
    await database.write((tx) => insert(tx, 'y'));
    assert.equal((await size()) < 1024 ** 2, true);
  });
  assert.equal((await stat(path)).size > 12 * 1024 ** 2, true);
  const [row] = await database
    .read()
    .execute<{ rows: number }[]>('SELECT COUNT(*) AS rows FROM outbox WHERE event > ?', ['xx']);
  assert.equal((row?.rows ?? 0) > 12, true);
});
