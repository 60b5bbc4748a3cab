import { parentPort, workerData } from 'node:worker_threads';
import openFile from 'better-sqlite3';
import type { SqliteReply, SqliteRequest } from './sqlite-aside.ts';
import { CHECKPOINT_PRAGMAS, READER_PRAGMAS } from './sqlite-pragmas.ts';
import { createStatementCache, type Row } from './statement-cache.ts';

/** The program of a thread that reads a SQLite file and makes checkpoints, one request after another. */

function open(path: string, pragmas: string) {
  const handle = openFile(path, { fileMustExist: true });
  handle.exec(pragmas);
  return handle;
}

const { path } = workerData as { path: string };
const statements = createStatementCache(open(path, READER_PRAGMAS));
const keeper = open(path, CHECKPOINT_PRAGMAS);

function answer(request: SqliteRequest): Row[] {
  if (request.kind === 'rows') return statements.rows(request.sql, request.params);
  // Most of the work while writers go on, and then the rest without them.
  for (const mode of ['PASSIVE', 'TRUNCATE']) keeper.pragma(`wal_checkpoint(${mode})`);
  return [];
}

parentPort?.on('message', (request: SqliteRequest) => {
  let reply: SqliteReply;
  try {
    reply = { id: request.id, rows: answer(request) };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    reply = { id: request.id, failed: { message, code } };
  }
  parentPort?.postMessage(reply);
});
