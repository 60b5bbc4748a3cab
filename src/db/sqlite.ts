import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/core';
import { lock } from 'proper-lockfile';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import type { Engine } from './engine.ts';
import { DatabaseError, isAlreadyRolledBack, isSqliteBusy } from './errors.ts';
import { BUSY_BOUND_MS, type WriteTransaction } from './group-commit.ts';
import { applyMigrations, MIGRATION_WAIT_MS } from './migrate.ts';
import { ORM_OPTIONS } from './orm-options.ts';
import { SqliteReader, SqliteSurveyor, SqliteWriter } from './sqlite-driver.ts';
import { createWalFile, type WalFile } from './wal-file.ts';

const PAUSE_MS = 20;
/** A migrating process that dies leaves its lock behind; after this it counts as gone. */
const LOCK_STALE_MS = 5000;
const LOCK_PAUSE_MS = 100;

const MIGRATIONS_IN_OUR_TRANSACTION = { ...ORM_OPTIONS.migrations, transactional: false, allOrNothing: false };

const asBusy = (cause: unknown): unknown =>
  isSqliteBusy(cause) ? new DatabaseError('database_busy', 'Another process holds the database', { cause }) : cause;

/** Tries again while another process has the file to itself: it writes, or has just created it. */
async function patiently<T>(open: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + BUSY_BOUND_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > giveUpAt) throw asBusy(error);
      await sleep(PAUSE_MS);
    }
  }
}

const openWriter = (dbName: string) =>
  patiently(() =>
    MikroORM.init({ ...ORM_OPTIONS, dbName, driver: SqliteWriter, migrations: MIGRATIONS_IN_OUR_TRANSACTION }),
  );
type Writer = Awaited<ReturnType<typeof openWriter>>;

/** Not knex's transactions: those say BEGIN, and one that reads before it writes fails at once when another writes. */
function transactionOn(writer: Writer, wal: WalFile): WriteTransaction {
  const connection = writer.em.getConnection();
  return {
    em: () => writer.em.fork({ disableTransactions: true }),
    exec: (sql) => connection.exec(sql),
    commit: async () => {
      try {
        await connection.exec('COMMIT');
      } catch (error) {
        throw asBusy(error);
      }
      await wal.sync();
    },
    rollback: async () => {
      try {
        await connection.exec('ROLLBACK');
      } catch (error) {
        if (!isAlreadyRolledBack(error)) throw error;
      }
    },
  };
}

/** @param path of the database file; its folder is created. */
export async function openSqlite({ path, log }: { path: string; log: Logger }): Promise<Engine> {
  const dbName = resolve(path);
  await mkdir(dirname(dbName), { recursive: true });
  const writer = await openWriter(dbName);
  const reader = await patiently(() => MikroORM.init({ ...ORM_OPTIONS, dbName, driver: SqliteReader }));
  const surveyor = await MikroORM.init({ ...ORM_OPTIONS, dbName, driver: SqliteSurveyor });
  const wal = createWalFile({
    path: dbName,
    checkpoint: () => surveyor.em.getConnection().aside.checkpoint(),
    failed: (error) => log.warn({ reason: errorCode(error) }, 'no checkpoint of SQLite succeeds; its log grows'),
  });
  const transaction = transactionOn(writer, wal);

  return {
    async begin() {
      try {
        await transaction.exec('BEGIN IMMEDIATE');
        return transaction;
      } catch (error) {
        throw asBusy(error);
      }
    },
    read: () => reader.em.fork(),
    survey: () => surveyor.em.fork(),
    async migrate() {
      const release = await lockMigrations(dbName, log);
      try {
        return await migrateAlone(dbName, wal);
      } finally {
        await release();
      }
    },
    async close() {
      await surveyor.close();
      await wal.close();
      await reader.close();
      await writer.close();
    },
  };
}

/** On a connection of its own, so that no group commit of this process runs in between. */
async function migrateAlone(dbName: string, wal: WalFile): Promise<string[]> {
  const writer = await openWriter(dbName);
  const transaction = transactionOn(writer, wal);
  try {
    await patiently(() => transaction.exec('BEGIN IMMEDIATE'));
    const applied = await applyMigrations(writer);
    await transaction.commit();
    return applied;
  } catch (error) {
    await transaction.rollback();
    throw error;
  } finally {
    await writer.close();
  }
}

async function lockMigrations(dbName: string, log: Logger): Promise<() => Promise<void>> {
  try {
    return await lock(dbName, {
      lockfilePath: `${dbName}.migrate.lock`,
      realpath: false,
      stale: LOCK_STALE_MS,
      retries: {
        forever: true,
        factor: 1,
        minTimeout: LOCK_PAUSE_MS,
        maxTimeout: LOCK_PAUSE_MS,
        maxRetryTime: MIGRATION_WAIT_MS,
      },
      // The migration is one transaction: a rival that took the lock meanwhile waits for it or fails whole.
      onCompromised: (error) => log.warn({ err: error }, 'migration lock lost'),
    });
  } catch (cause) {
    throw new DatabaseError('migration_locked', `Another process has been migrating for ${MIGRATION_WAIT_MS} ms`, {
      cause,
    });
  }
}
