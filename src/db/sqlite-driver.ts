import type { Configuration, Transaction } from '@mikro-orm/core';
import { AbstractSqlDriver, type Knex, SqliteConnection, SqlitePlatform } from '@mikro-orm/sqlite';
import { createStatementCache, type SqliteHandle, type StatementCache } from './statement-cache.ts';

const READ_TIMEOUT_MS = 5000;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

const SHARED_PRAGMAS = 'PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;';
/**
 * The writer does not wait inside SQLite (busy_timeout): that would hold a thread and sleep up to 100 ms between tries,
 * while a busy rival goes first every time. The group commit tries again by itself.
 */
const WRITER_PRAGMAS = `PRAGMA busy_timeout = 0; ${SHARED_PRAGMAS} PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};`;
const READER_PRAGMAS = `PRAGMA busy_timeout = ${READ_TIMEOUT_MS}; ${SHARED_PRAGMAS} PRAGMA query_only = ON;`;

/** Beyond these a statement is too rare or too large to be kept prepared. */
const MAX_PREPARED_LENGTH = 4000;
const MAX_PREPARED_PARAMS = 100;
/** SQLITE_MAX_VARIABLE_NUMBER, as SQLite has it since 3.32. */
const MAX_BOUND_PARAMS = 32_766;

/** A placeholder of MikroORM's own (`??` quotes an identifier, `\?` is a plain question mark) needs its formatter. */
const OWN_PLACEHOLDER = /\?\?|\\\?/;
const CHANGES_ROWS = /^\s*(insert|update|delete|replace)\b/i;
const RETURNS_ROWS = /\breturning\b/i;

const bindable = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value instanceof Date;

const keepsPrepared = (sql: string, params: readonly unknown[]): boolean =>
  sql.length <= MAX_PREPARED_LENGTH && params.length <= MAX_PREPARED_PARAMS;

const bindsAll = (sql: string, params: readonly unknown[]): boolean =>
  params.length <= MAX_BOUND_PARAMS && !OWN_PLACEHOLDER.test(sql) && params.every(bindable);

/**
 * One SQLite connection, kept for life. MikroORM writes values into the SQL text and has it compiled anew each time;
 * here common statements stay prepared and values are bound, which takes a third of the time.
 */
abstract class PreparedConnection extends SqliteConnection {
  protected abstract readonly pragmas: string;
  #handle: SqliteHandle | undefined;
  #cache: StatementCache | undefined;

  protected override getKnexOptions(type: string): Knex.Config {
    const afterCreate = (handle: SqliteHandle, done: (error: Error | null) => void): void => {
      this.#handle = handle;
      this.#cache = createStatementCache(handle);
      handle.exec(this.pragmas, done);
    };
    return { ...super.getKnexOptions(type), pool: { min: 1, max: 1, afterCreate } };
  }

  /** For BEGIN, COMMIT, SAVEPOINT and the like; several statements in one text are fine. */
  async exec(sql: string): Promise<void> {
    await this.ensureConnection();
    const handle = this.#handle;
    if (handle === undefined) throw new Error('The database is not open');
    await new Promise<void>((resolve, reject) => handle.exec(sql, (error) => (error ? reject(error) : resolve())));
  }

  override async execute<T>(
    query: string | Knex.QueryBuilder | Knex.Raw,
    params: unknown[] = [],
    method: 'all' | 'get' | 'run' = 'all',
    ctx?: Transaction,
  ): Promise<T> {
    const cache = this.#cache;
    if (cache === undefined || typeof query !== 'string' || !bindsAll(query, params))
      return (await super.execute(query, params, method, ctx)) as T;
    const changes = CHANGES_ROWS.test(query);
    const rows = !changes || RETURNS_ROWS.test(query);
    if (!keepsPrepared(query, params)) {
      if (!changes || !rows) return (await super.execute(query, params, method, ctx)) as T;
      // Knex would run it without its rows: it takes only some of what ends in RETURNING for a question.
      return this.transformRawResult(await cache.allOnce(query, params), method);
    }
    return this.transformRawResult(await (rows ? cache.all(query, params) : cache.run(query, params)), method);
  }

  override async close(force?: boolean): Promise<void> {
    await this.#cache?.clear();
    this.#cache = undefined;
    this.#handle = undefined;
    await super.close(force);
  }
}

class WritingConnection extends PreparedConnection {
  protected override readonly pragmas = WRITER_PRAGMAS;
}

class ReadingConnection extends PreparedConnection {
  protected override readonly pragmas = READER_PRAGMAS;
}

export class SqliteWriter extends AbstractSqlDriver<WritingConnection, SqlitePlatform> {
  constructor(config: Configuration) {
    super(config, new SqlitePlatform(), WritingConnection, ['knex', 'sqlite3']);
  }
}

export class SqliteReader extends AbstractSqlDriver<ReadingConnection, SqlitePlatform> {
  constructor(config: Configuration) {
    super(config, new SqlitePlatform(), ReadingConnection, ['knex', 'sqlite3']);
  }
}
