// The program of a thread that reads a SQLite file and makes checkpoints, one request after another. Plain JavaScript, so that it starts
// from the sources as well: a thread has no loader for TypeScript.
import { parentPort, workerData } from 'node:worker_threads';
import openFile from 'better-sqlite3';

/** The rest is copied while writers wait: few pages at best, and with more than this it is left to the next checkpoint. */
const FEW_PAGES = 250;
const MAX_PAGES = 1000;
/** What is written during a round is a rest again. */
const MAX_ROUNDS = 4;

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
  let { restPages } = checkpoint('PASSIVE');
  for (let round = 1; round < MAX_ROUNDS && restPages > FEW_PAGES; round += 1) ({ restPages } = checkpoint('PASSIVE'));
  return restPages <= MAX_PAGES && checkpoint('TRUNCATE').isWhole;
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
