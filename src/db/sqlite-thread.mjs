// The program of a thread that reads a SQLite file and makes checkpoints, one request after another. Plain JavaScript, so that it starts
// from the sources as well: a thread has no loader for TypeScript.
import { parentPort, workerData } from 'node:worker_threads';
import openFile from 'better-sqlite3';

/** More pages than this are left to the next checkpoint: the rest is copied while writers wait. */
const MAX_REST_PAGES = 1000;

/** @param {string} pragmas */
function open(pragmas) {
  const handle = openFile(workerData.path, { fileMustExist: true });
  handle.exec(pragmas);
  return handle;
}

const reader = open(workerData.readerPragmas);
const keeper = open(workerData.checkpointPragmas);

/** @param {'PASSIVE' | 'TRUNCATE'} mode */
function checkpoint(mode) {
  const [{ busy, log, checkpointed }] = /** @type {{ busy: number, log: number, checkpointed: number }[]} */ (
    keeper.pragma(`wal_checkpoint(${mode})`)
  );
  return { isWhole: busy === 0, restPages: log - checkpointed };
}

/** Most of the work beside the writers, and then the rest without them, unless somebody is in the way. */
function checkpointAll() {
  if (checkpoint('PASSIVE').restPages > MAX_REST_PAGES) return false;
  return checkpoint('TRUNCATE').isWhole;
}

/** @param {import('./sqlite-aside.ts').SqliteRequest} request */
function answer(request) {
  if (request.kind === 'checkpoint') return checkpointAll();
  return reader.prepare(request.sql).all(request.params);
}

parentPort?.on('message', (/** @type {import('./sqlite-aside.ts').SqliteRequest} */ request) => {
  const { id } = request;
  try {
    parentPort?.postMessage({ id, answer: answer(request) });
  } catch (error) {
    const { message, code } = /** @type {Error & { code?: string }} */ (error);
    parentPort?.postMessage({ id, failed: { message, code } });
  }
});
