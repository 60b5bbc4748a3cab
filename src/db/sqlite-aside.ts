import { Worker } from 'node:worker_threads';
import type { Row } from './statement-cache.ts';

export type SqliteRequest = { id: number } & (
  | { kind: 'rows'; sql: string; params: readonly unknown[] }
  | { kind: 'checkpoint' }
);
export type SqliteReply = { id: number } & (
  | { rows: Row[] }
  | { failed: { message: string; code: string | undefined } }
);

/** What takes long on a SQLite file, in a thread of its own, so that it holds up nothing else. */
export interface SqliteAside {
  /** @throws what SQLite says. */
  rows(sql: string, params: readonly unknown[]): Promise<Row[]>;
  /** Puts the write-ahead log into the database, and makes it empty when nobody is in the way. */
  checkpoint(): Promise<void>;
  /** Fails what is under way. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(rows: Row[]): void;
  reject(error: unknown): void;
}

/** The thread starts with the first request. @param path of a database that exists */
export function createSqliteAside(path: string): SqliteAside {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let asked = 0;
  let closed = false;

  function failAll(error: unknown): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function settle(reply: SqliteReply): void {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('rows' in reply) asker?.resolve(reply.rows);
    else asker?.reject(Object.assign(new Error(reply.failed.message), { code: reply.failed.code }));
  }

  /** A thread that died is followed by another one. */
  function start(): Worker {
    const started = new Worker(new URL(import.meta.resolve('#src/db/sqlite-thread.ts')), { workerData: { path } });
    const gone = (error: unknown) => {
      if (worker === started) worker = undefined;
      failAll(error);
    };
    started.on('message', settle).on('error', gone);
    started.on('exit', () => gone(new Error('The thread of the database ended')));
    return started;
  }

  function ask(request: { kind: 'rows'; sql: string; params: readonly unknown[] } | { kind: 'checkpoint' }) {
    if (closed) return Promise.reject(new Error('The database is closed'));
    worker ??= start();
    const id = asked++;
    worker.postMessage({ id, ...request } satisfies SqliteRequest);
    return new Promise<Row[]>((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  return {
    rows: (sql, params) => ask({ kind: 'rows', sql, params }),
    async checkpoint() {
      await ask({ kind: 'checkpoint' });
    },
    async close() {
      closed = true;
      await worker?.terminate();
    },
  };
}
