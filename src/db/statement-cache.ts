/** What is used of the `better-sqlite3` package's Statement. */
interface Statement {
  /** Whether it answers rows. */
  readonly reader: boolean;
  run(params: readonly unknown[]): Changes;
  all(params: readonly unknown[]): Row[];
}

/** What is used of the `better-sqlite3` package's Database. */
export interface SqliteHandle {
  prepare(sql: string): Statement;
  /** Runs all the statements of `sql`, without results. */
  exec(sql: string): unknown;
}

export type Row = Record<string, unknown>;
interface Changes {
  lastInsertRowid: number | bigint;
  changes: number;
}

const MAX_STATEMENTS = 200;
/** Beyond these a statement is too rare or too large to be kept prepared. */
const MAX_PREPARED_LENGTH = 4000;
const MAX_PREPARED_PARAMS = 100;

const keepsPrepared = (sql: string, params: readonly unknown[]): boolean =>
  sql.length <= MAX_PREPARED_LENGTH && params.length <= MAX_PREPARED_PARAMS;

/** As SQLite stores it: a moment in milliseconds, a boolean as 0 or 1, whole numbers as such (a JavaScript number would be bound as 5.0). */
export function stored(value: unknown): unknown {
  const plain = value instanceof Date ? value.getTime() : typeof value === 'boolean' ? Number(value) : value;
  return Number.isSafeInteger(plain) ? BigInt(plain as number) : plain;
}

/** Prepared statements of one connection, the least recently used leave first. */
export function createStatementCache(handle: SqliteHandle) {
  const statements = new Map<string, Statement>();

  function take(sql: string): Statement {
    const statement = statements.get(sql) ?? handle.prepare(sql);
    statements.delete(sql);
    statements.set(sql, statement);
    const oldest = statements.size > MAX_STATEMENTS ? statements.keys().next().value : undefined;
    if (oldest !== undefined) statements.delete(oldest);
    return statement;
  }

  return {
    /** The rows of a statement that answers some, else what it changed. */
    run(sql: string, params: readonly unknown[]): Row[] | Changes {
      const statement = keepsPrepared(sql, params) ? take(sql) : handle.prepare(sql);
      const values = params.map(stored);
      return statement.reader ? statement.all(values) : statement.run(values);
    },
    /** For BEGIN, COMMIT, SAVEPOINT and the like; several statements in one text are fine. */
    exec(sql: string): void {
      handle.exec(sql);
    },
  };
}
export type StatementCache = ReturnType<typeof createStatementCache>;
