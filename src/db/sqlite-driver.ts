import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbstractSqlDriver, BetterSqliteConnection, BetterSqlitePlatform, type Knex } from '@mikro-orm/better-sqlite';
import type { Configuration, Transaction } from '@mikro-orm/core';
import { createSqliteAside, type SqliteAside } from './sqlite-aside.ts';
import { READER_PRAGMAS, WRITER_PRAGMAS } from './sqlite-pragmas.ts';
import { createStatementCache, type SqliteHandle, type StatementCache } from './statement-cache.ts';

/** SQLITE_MAX_VARIABLE_NUMBER, as SQLite has it since 3.32. */
const MAX_BOUND_PARAMS = 32_766;

/** Statements follow each other for no longer without a turn for timers and sockets. */
const TURN_MS = 5;

/** A placeholder of MikroORM's own (`??` quotes an identifier, `\?` is a plain question mark) needs its formatter. */
const OWN_PLACEHOLDER = /\?\?|\\\?/;

const bindable = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value instanceof Date;

const bindsAll = (sql: string, params: readonly unknown[]): boolean =>
  params.length <= MAX_BOUND_PARAMS && !OWN_PLACEHOLDER.test(sql) && params.every(bindable);

/**
 * One SQLite connection, kept for life. MikroORM writes values into the SQL text and has it compiled anew each time;
 * here common statements stay prepared and values are bound. A statement runs at once, in this thread: in another one the way there
 * and back would cost several times as much as what most of ours do.
 */
abstract class PreparedConnection extends BetterSqliteConnection {
  protected abstract readonly pragmas: string;
  #statements: StatementCache | undefined;
  #turnAt = 0;

  protected override getKnexOptions(type: string): Knex.Config {
    const afterCreate = (handle: SqliteHandle, done: (error: unknown) => void): void => {
      try {
        handle.exec(this.pragmas);
        this.#statements = createStatementCache(handle);
        done(null);
      } catch (error) {
        done(error);
      }
    };
    return { ...super.getKnexOptions(type), pool: { min: 1, max: 1, afterCreate } };
  }

  async exec(sql: string): Promise<void> {
    await this.ensureConnection();
    if (this.#statements === undefined) throw new Error('The database is not open');
    this.#statements.exec(sql);
  }

  override async execute<T>(
    query: string | Knex.QueryBuilder | Knex.Raw,
    params: unknown[] = [],
    method: 'all' | 'get' | 'run' = 'all',
    ctx?: Transaction,
  ): Promise<T> {
    const statements = this.#statements;
    if (statements === undefined || typeof query !== 'string' || !bindsAll(query, params))
      return (await super.execute(query, params, method, ctx)) as T;
    const result = statements.run(query, params);
    await this.#leaveTurn();
    return this.transformRawResult(result, method);
  }

  /** Whoever asks again and again gives everything else its turn now and then. */
  async #leaveTurn(): Promise<void> {
    if (performance.now() - this.#turnAt < TURN_MS) return;
    await nextTurn();
    this.#turnAt = performance.now();
  }

  override async close(force?: boolean): Promise<void> {
    this.#statements = undefined;
    await super.close(force);
  }
}

class WritingConnection extends PreparedConnection {
  protected override readonly pragmas = WRITER_PRAGMAS;
}

class ReadingConnection extends PreparedConnection {
  protected override readonly pragmas = READER_PRAGMAS;
}

/** Its statements run in a thread of their own: the way there costs more, and a long one holds up nothing. */
class SurveyingConnection extends BetterSqliteConnection {
  #aside: SqliteAside | undefined;

  /** Knex words statements; nothing is opened here, nor asked whether it is. */
  override async connect(): Promise<void> {
    this.createKnex();
  }

  override async checkConnection(): Promise<{ ok: true }> {
    return { ok: true };
  }

  get aside(): SqliteAside {
    this.#aside ??= createSqliteAside(this.config.get('dbName') ?? '');
    return this.#aside;
  }

  override async execute<T>(
    query: string | Knex.QueryBuilder | Knex.Raw,
    params: unknown[] = [],
    method: 'all' | 'get' | 'run' = 'all',
  ): Promise<T> {
    if (typeof query !== 'string') throw new TypeError('A survey is asked in SQL text');
    const bound = bindsAll(query, params);
    const rows = this.aside.rows(bound ? query : this.platform.formatQuery(query, params), bound ? params : []);
    return this.transformRawResult(await rows, method);
  }

  override async close(force?: boolean): Promise<void> {
    await this.#aside?.close();
    await super.close(force);
  }
}

export class SqliteWriter extends AbstractSqlDriver<WritingConnection, BetterSqlitePlatform> {
  constructor(config: Configuration) {
    super(config, new BetterSqlitePlatform(), WritingConnection, ['knex', 'better-sqlite3']);
  }
}

export class SqliteReader extends AbstractSqlDriver<ReadingConnection, BetterSqlitePlatform> {
  constructor(config: Configuration) {
    super(config, new BetterSqlitePlatform(), ReadingConnection, ['knex', 'better-sqlite3']);
  }
}

export class SqliteSurveyor extends AbstractSqlDriver<SurveyingConnection, BetterSqlitePlatform> {
  constructor(config: Configuration) {
    super(config, new BetterSqlitePlatform(), SurveyingConnection, ['knex', 'better-sqlite3']);
  }
}
