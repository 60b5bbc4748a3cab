/** What is used of the `sqlite3` package's Statement. */
interface Statement {
  run(params: readonly unknown[], done: (this: RunResult, error: Error | null) => void): void;
  all(params: readonly unknown[], done: (error: Error | null, rows: Row[]) => void): void;
  finalize(done?: () => void): void;
}

/** What is used of the `sqlite3` package's Database. */
export interface SqliteHandle {
  prepare(sql: string, done: (this: Statement, error: Error | null) => void): void;
  /** Runs all the statements of `sql`, without results. */
  exec(sql: string, done: (error: Error | null) => void): void;
}

export type Row = Record<string, unknown>;
export interface RunResult {
  lastID: number;
  changes: number;
}

const MAX_STATEMENTS = 200;

/**
 * Prepared statements of one connection, the least recently used leave first. A statement that failed is finalized:
 * SQLite may leave it half done.
 */
export function createStatementCache(handle: SqliteHandle) {
  const statements = new Map<string, Promise<Statement>>();

  const prepare = (sql: string): Promise<Statement> =>
    new Promise((resolve, reject) => {
      handle.prepare(sql, function (error) {
        if (error) reject(error);
        else resolve(this);
      });
    });

  const discard = (sql: string): void => {
    const statement = statements.get(sql);
    statements.delete(sql);
    statement?.then(
      (prepared) => prepared.finalize(),
      () => undefined, // never prepared: whoever asked for it has the error
    );
  };

  const take = (sql: string): Promise<Statement> => {
    const known = statements.get(sql);
    const statement = known ?? prepare(sql);
    statements.delete(sql);
    statements.set(sql, statement);
    const oldest = statements.size > MAX_STATEMENTS ? statements.keys().next().value : undefined;
    if (oldest !== undefined) discard(oldest);
    return statement;
  };

  const using = async <T>(sql: string, run: (statement: Statement) => Promise<T>): Promise<T> => {
    try {
      return await run(await take(sql));
    } catch (error) {
      discard(sql);
      throw error;
    }
  };

  const allOf = (statement: Statement, params: readonly unknown[]): Promise<Row[]> =>
    new Promise((resolve, reject) => {
      statement.all(params, (error, rows) => (error ? reject(error) : resolve(rows)));
    });

  return {
    run: (sql: string, params: readonly unknown[]): Promise<RunResult> =>
      using(
        sql,
        (statement) =>
          new Promise((resolve, reject) => {
            statement.run(params, function (error) {
              if (error) reject(error);
              else resolve({ lastID: this.lastID, changes: this.changes });
            });
          }),
      ),
    all: (sql: string, params: readonly unknown[]): Promise<Row[]> =>
      using(sql, (statement) => allOf(statement, params)),
    /** As `all`, of a statement that is too rare or too large to be kept. */
    async allOnce(sql: string, params: readonly unknown[]): Promise<Row[]> {
      const statement = await prepare(sql);
      try {
        return await allOf(statement, params);
      } finally {
        statement.finalize();
      }
    },
    /** A connection with live statements cannot be closed. */
    async clear(): Promise<void> {
      const live = await Promise.allSettled(statements.values());
      statements.clear();
      await Promise.all(
        live.map((entry) =>
          entry.status === 'fulfilled' ? new Promise<void>((done) => entry.value.finalize(() => done())) : undefined,
        ),
      );
    },
  };
}
export type StatementCache = ReturnType<typeof createStatementCache>;
