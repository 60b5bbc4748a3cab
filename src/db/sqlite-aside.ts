import { Worker } from 'node:worker_threads';
import { DatabaseError } from './errors.ts';
import { CHECKPOINT_PRAGMAS, SURVEY_PRAGMAS } from './sqlite-pragmas.ts';
import { type Row, stored } from './statement-cache.ts';

type Request = { kind: 'rows'; sql: string; params: readonly unknown[] } | { kind: 'checkpoint' };
export type SqliteRequest = Request & { id: number };
type SqliteReply = { id: number } & ({ answer: unknown } | { failed: { message: string; code: string | undefined } });

/** What takes long on a SQLite file, in a thread of its own, so that it holds up nothing else. */
export interface SqliteAside {
  /** @throws what SQLite says, or {DatabaseError} when the thread ended. */
  rows(sql: string, params: readonly unknown[]): Promise<Row[]>;
  /** Puts the write-ahead log into the database and makes it empty; false when somebody was in the way. */
  checkpoint(): Promise<boolean>;
  /** Fails what is under way at once, and resolves when the statement that runs has ended: nothing can stop it. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** The thread starts with the first request. @param path of a database that exists */
export function createSqliteAside(path: string): SqliteAside {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let asked = 0;
  let closed = false;

  function failAll(error: DatabaseError): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function settle(reply: SqliteReply): void {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('answer' in reply) asker?.resolve(reply.answer);
    else asker?.reject(Object.assign(new Error(reply.failed.message), { code: reply.failed.code }));
  }

  /** A thread that died is followed by another one. */
  function start(): Worker {
    const started = new Worker(new URL('sqlite-thread.mjs', import.meta.url), {
      // What this process was started with may be no concern of a thread, and an error to it.
      execArgv: [],
      workerData: { path, readerPragmas: SURVEY_PRAGMAS, checkpointPragmas: CHECKPOINT_PRAGMAS },
    });
    const gone = (cause?: unknown) => {
      if (worker === started) worker = undefined;
      failAll(new DatabaseError('database_unresponsive', 'The thread of the database ended', { cause }));
    };
    started.on('message', settle).on('error', gone);
    started.on('exit', () => gone());
    return started;
  }

  function ask(request: Request): Promise<unknown> {
    if (closed) return Promise.reject(new DatabaseError('database_closed', 'The database is closed'));
    worker ??= start();
    const id = asked++;
    worker.postMessage({ ...request, id } satisfies SqliteRequest);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  return {
    rows: async (sql, params) => (await ask({ kind: 'rows', sql, params: params.map(stored) })) as Row[],
    checkpoint: async () => (await ask({ kind: 'checkpoint' })) === true,
    async close() {
      closed = true;
      failAll(new DatabaseError('database_closed', 'The database is closing'));
      await worker?.terminate();
    },
  };
}
