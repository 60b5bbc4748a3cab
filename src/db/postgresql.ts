import { setTimeout as sleep } from 'node:timers/promises';
import { MikroORM } from '@mikro-orm/core';
import { type Knex, PostgreSqlDriver } from '@mikro-orm/postgresql';
import type { Engine } from './engine.ts';
import { DatabaseError } from './errors.ts';
import type { WriteTransaction } from './group-commit.ts';
import { applyMigrations, MIGRATION_WAIT_MS } from './migrate.ts';
import { ORM_OPTIONS } from './orm-options.ts';

/** Advisory locks of this product, per database: any two constants that nobody else uses. */
const WRITE_LOCK = 7_836_701;
const MIGRATION_LOCK = 7_836_702;
const LOCK_TIMEOUT_MS = 5000;
/** A frozen process must not hold the others' writes up for ever: the server ends its transaction. */
const IDLE_IN_TRANSACTION_MS = 20_000;
const MIGRATION_PAUSE_MS = 100;
const READERS = 4;

/** The type of BIGINT in the protocol (`pg_type.oid`). The driver gives strings; ours all stay below 2^53. */
const INT8 = 20;

/** What is used of the `pg` package's Client. */
interface PgHandle {
  query(sql: string, done: (error: Error | null) => void): void;
  setTypeParser(oid: number, format: 'text', parse: (text: string) => unknown): void;
}

/** Runs `sql` on every new connection of a pool. */
const pool = (max: number, sql: string) => ({
  min: 0,
  max,
  afterCreate: (handle: PgHandle, done: (error: Error | null, handle: PgHandle) => void) => {
    handle.setTypeParser(INT8, 'text', Number);
    handle.query(sql, (error) => done(error, handle));
  },
});

export async function openPostgresql({ url }: { url: string }): Promise<Engine> {
  const shared = { ...ORM_OPTIONS, clientUrl: url, driver: PostgreSqlDriver };
  const writer = await MikroORM.init({
    ...shared,
    pool: pool(
      1,
      `SET lock_timeout = ${LOCK_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    ),
  });
  const reader = await MikroORM.init({ ...shared, pool: pool(READERS, 'SET default_transaction_read_only = on') });
  const connection = writer.em.getConnection();

  const transactionOn = (trx: Knex.Transaction): WriteTransaction => ({
    em: () => {
      const em = writer.em.fork({ disableTransactions: true });
      em.setTransactionContext(trx);
      return em;
    },
    exec: async (sql) => {
      await connection.execute(sql, [], 'run', trx);
    },
    // Not tried again when it fails: with the connection gone, nobody knows whether it happened.
    commit: () => connection.commit(trx),
    rollback: async () => {
      if (!trx.isCompleted()) await connection.rollback(trx);
    },
  });

  /** Writers of all processes take turns, so that ids of the outbox follow the order of commit. */
  async function begin(): Promise<WriteTransaction> {
    let trx: Knex.Transaction | undefined;
    try {
      trx = await connection.begin();
      await connection.execute(`SELECT pg_advisory_xact_lock(${WRITE_LOCK})`, [], 'all', trx);
      return transactionOn(trx);
    } catch (cause) {
      if (trx !== undefined && !trx.isCompleted()) await connection.rollback(trx);
      throw new DatabaseError('database_busy', 'The database is busy or away', { cause });
    }
  }

  async function lockMigrations(): Promise<void> {
    const giveUpAt = performance.now() + MIGRATION_WAIT_MS;
    for (;;) {
      const [row] = await connection.execute<{ locked: boolean }[]>(
        `SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS locked`,
      );
      if (row?.locked === true) return;
      if (performance.now() > giveUpAt)
        throw new DatabaseError('migration_locked', `Another process has been migrating for ${MIGRATION_WAIT_MS} ms`);
      await sleep(MIGRATION_PAUSE_MS);
    }
  }

  return {
    begin,
    read: () => reader.em.fork(),
    survey: () => reader.em.fork(),
    // The lock belongs to the session, and the writing pool is one connection. Should it break, the lock is free.
    async migrate() {
      await lockMigrations();
      try {
        return await applyMigrations(writer);
      } finally {
        await connection.execute(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
      }
    },
    async close() {
      await reader.close();
      await writer.close();
    },
  };
}
