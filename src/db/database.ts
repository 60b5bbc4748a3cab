import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { Config } from '../config.ts';
import type { Logger } from '../observability/log.ts';
import type { Engine } from './engine.ts';
import { DatabaseError } from './errors.ts';
import { createGroupCommit } from './group-commit.ts';

const PING_DEADLINE_MS = 2000;

/** What statements run on: the transaction of a `write`, or the reading connection. */
export type Sql = SqlEntityManager;

/** What the rest of the product sees of the database. */
export interface Database {
  /**
   * Runs `work` inside the next group commit: its writes take effect together with its neighbours' in one
   * transaction, but fail alone (a savepoint each). Resolves after the commit; what `work` throws comes back as it
   * is, also after the commit. The work may run twice (a busy database is tried again), so it must touch nothing but
   * `tx`, await every statement, and never call `write` itself: works run one after another, and it would wait for
   * itself. `tx` takes all of MikroORM (insert, nativeUpdate, upsert, find, flush, …) except transactions of its own:
   * `tx.transactional` runs its callback as part of this work, without a flush.
   * @throws {DatabaseError} `database_busy` after 30 s of trying, `commit_failed`, `database_closed`.
   */
  write<T>(work: (tx: SqlEntityManager) => Promise<T>): Promise<T>;
  /** An entity manager of its own on the reading connection; it sees every commit made before each of its queries. */
  read(): SqlEntityManager;
  /**
   * As `read`, for what may look at many rows: lists, counts, searches. A statement on SQLite holds up the whole process while it
   * runs; here it runs in a thread of its own. On PostgreSQL both are the same.
   */
  survey(): SqlEntityManager;
  /**
   * Applies the pending migrations under a lock that other processes respect; answers their names.
   * @throws {DatabaseError} `database_newer`, `migration_locked` after a minute.
   */
  migrate(): Promise<string[]>;
  /** Rejects when the database does not answer within 2 s. */
  ping(): Promise<void>;
  /** Refuses new writes, finishes those under way, then closes. Idempotent. */
  close(): Promise<void>;
}

const openEngine = async (database: Config['DATABASE_URL'], log: Logger): Promise<Engine> => {
  // Only the driver in use is loaded: each costs several megabytes.
  if (database.kind === 'sqlite') return (await import('./sqlite.ts')).openSqlite({ path: database.path, log });
  return (await import('./postgresql.ts')).openPostgresql({ url: database.url });
};

/** Opens without migrating. A SQLite file and its folder are created where they do not exist. */
export async function openDatabase({
  database,
  log,
}: {
  database: Config['DATABASE_URL'];
  log: Logger;
}): Promise<Database> {
  const engine = await openEngine(database, log);
  const groupCommit = createGroupCommit({ begin: engine.begin, log });
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    await groupCommit.close();
    await engine.close();
  };

  return {
    write: groupCommit.write,
    read: engine.read,
    survey: engine.survey,
    migrate: engine.migrate,
    async ping() {
      const deadline = new AbortController();
      const late = sleep(PING_DEADLINE_MS, undefined, { signal: deadline.signal }).then(() => {
        throw new DatabaseError('database_unresponsive', `No answer from the database in ${PING_DEADLINE_MS} ms`);
      });
      try {
        await Promise.race([engine.read().execute('SELECT 1 FROM companies LIMIT 1'), late]);
      } finally {
        late.catch(() => undefined); // the abort's own rejection
        deadline.abort();
      }
    },
    close: () => (closing ??= close()),
  };
}
