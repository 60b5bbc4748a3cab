/** `commit_failed`: the whole group was refused, or (a lost connection to PostgreSQL, a disk that fails under SQLite) nobody knows. */
type DatabaseErrorCode =
  | 'database_busy'
  | 'database_closed'
  | 'database_unresponsive'
  | 'database_newer'
  | 'commit_failed'
  | 'migration_locked';

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

export interface ConstraintViolation {
  kind: 'unique' | 'foreign_key' | 'check' | 'not_null';
  /** Null where the database does not say: SQLite names nothing for foreign keys, and no table for checks. */
  table: string | null;
  /** Empty where the database does not say. */
  columns: string[];
  constraint: string | null;
}

interface DriverError {
  code: string;
  message: string;
  table?: unknown;
  column?: unknown;
  constraint?: unknown;
  detail?: unknown;
}

const isDriverError = (error: unknown): error is DriverError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/** The primary result code of an extended one (SQLite, "Result and Error Codes"): `SQLITE_BUSY` of `SQLITE_BUSY_SNAPSHOT`. */
const sqliteCode = ({ code }: DriverError): string => code.split('_', 2).join('_');

const SQLITE_KINDS = {
  UNIQUE: 'unique',
  'FOREIGN KEY': 'foreign_key',
  CHECK: 'check',
  'NOT NULL': 'not_null',
} as const satisfies Record<string, ConstraintViolation['kind']>;
const SQLITE_MESSAGE = /(UNIQUE|FOREIGN KEY|CHECK|NOT NULL) constraint failed(?:: ([^\n]+))?/;

/** SQLSTATE, class 23 (PostgreSQL manual, appendix A). */
const POSTGRESQL_KINDS: Record<string, ConstraintViolation['kind']> = {
  '23502': 'not_null',
  '23503': 'foreign_key',
  '23505': 'unique',
  '23514': 'check',
};

/** Which constraint an error of a statement means; null when it is another kind of error. */
export function constraintOf(error: unknown): ConstraintViolation | null {
  if (!isDriverError(error)) return null;
  if (sqliteCode(error) === 'SQLITE_CONSTRAINT') return sqliteConstraint(error.message);
  const kind = POSTGRESQL_KINDS[error.code];
  return kind === undefined ? null : postgresqlConstraint(kind, error);
}

function sqliteConstraint(message: string): ConstraintViolation | null {
  const [, word, names = ''] = SQLITE_MESSAGE.exec(message) ?? [];
  if (word === undefined) return null;
  const kind = SQLITE_KINDS[word as keyof typeof SQLITE_KINDS];
  if (kind === 'check') return { kind, table: null, columns: [], constraint: names };
  const columns = names.split(', ').filter((name) => name !== '');
  const table = columns[0]?.split('.')[0] ?? null;
  return { kind, table, columns: columns.map((name) => name.slice(name.indexOf('.') + 1)), constraint: null };
}

function postgresqlConstraint(kind: ConstraintViolation['kind'], error: DriverError): ConstraintViolation {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const [, key] = /^Key \(([^)]*)\)=/.exec(text(error.detail) ?? '') ?? [];
  const column = text(error.column);
  const columns = column !== null ? [column] : (key?.split(', ') ?? []);
  return { kind, table: text(error.table), columns, constraint: text(error.constraint) };
}

/** SQLITE_BUSY and SQLITE_LOCKED: somebody else writes; nothing of ours has happened. */
export const isSqliteBusy = (error: unknown): boolean =>
  isDriverError(error) && ['SQLITE_BUSY', 'SQLITE_LOCKED'].includes(sqliteCode(error));

/** SQLite has rolled the transaction back itself, as it does when the disk is full. */
export const isAlreadyRolledBack = (error: unknown): boolean =>
  isDriverError(error) && error.code === 'SQLITE_ERROR' && error.message.includes('no transaction is active');

/**
 * SQLSTATE (PostgreSQL manual, appendix A): connection lost (08), refused (28) or its database gone (3D000); resources used
 * up, such as connections or the disk (53); shut down or starting (57P); a transaction that lost against others or idled
 * too long (40001, 40P01, 55P03, 25P03).
 */
const AWAY_SQLSTATE = /^(?:(?:08|28|53)[0-9A-Z]{3}|57P[0-9A-Z]{2}|3D000|40001|40P01|55P03|25P03)$/;

/** Of a `DatabaseError` that MikroORM has wrapped in one of its own. */
const AWAY_CODES: ReadonlySet<string> = new Set<DatabaseErrorCode>(['database_closed', 'database_unresponsive']);

/** Result codes of SQLite: locked by others, or the file, its disk or memory fails. None is about what a statement said. */
const AWAY_SQLITE: ReadonlySet<string> = new Set(
  ['BUSY', 'LOCKED', 'PROTOCOL', 'IOERR', 'CANTOPEN', 'FULL', 'READONLY', 'CORRUPT', 'NOTADB', 'NOMEM'].map(
    (name) => `SQLITE_${name}`,
  ),
);

/** Of Node's sockets and name look-ups. */
const AWAY_SOCKET =
  /^(?:ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(?:HOST|NET)(?:UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** What the `pg` package, knex and its pool say without a code. knex writes the statement, with its values, in front. */
const AWAY_MESSAGE = new RegExp(
  `(?:^|- )(?:${[
    'Connection terminated(?: unexpectedly| due to connection timeout)?',
    'Client (?:has encountered a connection error|was closed) and is not queryable',
    'timeout expired',
    'Query read timeout',
    'Knex: Timeout acquiring a connection.*',
    'Unable to acquire a connection',
    'aborted',
  ].join('|')})$`,
);

/**
 * True for what passes by itself: the database is away, busy, full or closing, and what was asked of it is not to blame.
 * It may be asked again; only after a `write` nobody can rule out that it took effect.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return true;
  if (!isDriverError(error)) return error instanceof Error && AWAY_MESSAGE.test(error.message);
  return (
    AWAY_CODES.has(error.code) ||
    AWAY_SQLITE.has(sqliteCode(error)) ||
    AWAY_SQLSTATE.test(error.code) ||
    AWAY_SOCKET.test(error.code)
  );
}
