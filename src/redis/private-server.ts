import { mkdir, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../observability/log.ts';
import { socketPath } from './connection.ts';
import { withFileLock } from './file-lock.ts';
import { ensureRedisServer, type RedisServerBinary } from './server-binary.ts';
import { addUser, removeUser, sweepUsers } from './server-state.ts';
import { ensureServer, lookForServer, type RunningServer, type ServerFolder, shutDownServer } from './shared-server.ts';

/** Long enough for another process to install a server and load its data. */
const START_LOCK_WAIT_MS = 300_000;
const STOP_LOCK_WAIT_MS = 10_000;
const HUNG_AFTER_MS = 5_000;
const REVIVE_FIRST_MS = 100;
const REVIVE_MAX_MS = 10_000;
/** A server that lived this long starts the back-off anew. */
const STABLE_AFTER_MS = 60_000;

export interface PrivateRedis {
  /** `unix:/abs/path.sock` or `redis://127.0.0.1:PORT`; it stays the same when the server is restarted. */
  url: string;
  /** What to type before a command, such as `redis-cli -s .data/redis/redis.sock`. */
  cli: string;
  /** Ends the server unless another app still uses it. Idempotent; never rejects because of the server. */
  stop(): Promise<void>;
}

/**
 * The Redis server of this installation: append-only file with `appendfsync always` under `<dataDir>/redis`, shared by
 * all apps on that folder. The first app starts it, the last one ends it. While an app lives it restarts a server that
 * dies. When every app is killed the server stays, and the next start uses it again.
 */
export async function startPrivateRedis(deps: {
  dataDir: string;
  log: Logger;
  findBinary?: () => Promise<RedisServerBinary>;
  hungAfterMs?: number;
}): Promise<PrivateRedis> {
  const { dataDir, log, hungAfterMs = HUNG_AFTER_MS } = deps;
  const findBinary = deps.findBinary ?? (() => ensureRedisServer({ say: (line) => log.info(line) }));
  await mkdir(join(dataDir, 'redis'), { recursive: true, mode: 0o700 });
  const dir = await realpath(join(dataDir, 'redis'));
  const folder: ServerFolder = { dir, log, findBinary, hungAfterMs };

  const { server, user } = await withFileLock(join(dir, 'start'), START_LOCK_WAIT_MS, async () => {
    const user = await addUser(dir);
    await sweepUsers(dir);
    try {
      return { server: await ensureServer(folder), user };
    } catch (error) {
      await removeUser(dir, user);
      throw error;
    }
  });

  const ending = new AbortController();
  // It ends by the abort; `leave` waits for what it may be doing, because both work under the lock.
  void supervise(folder, server.url, ending.signal);
  const stop = async () => {
    ending.abort();
    await leave(folder, user);
  };
  let stopped: Promise<void> | undefined;
  return {
    url: server.url,
    cli: redisCli(server),
    stop: async () => {
      stopped ??= stop();
      await stopped;
    },
  };
}

/** The address of the installation's server while some app runs it; it is neither started nor kept by this. */
export async function runningPrivateRedis(dataDir: string): Promise<string | null> {
  try {
    return await lookForServer(await realpath(join(dataDir, 'redis')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The last one out ends the server. */
async function leave(folder: ServerFolder, user: string): Promise<void> {
  try {
    await withFileLock(join(folder.dir, 'start'), STOP_LOCK_WAIT_MS, async () => {
      await removeUser(folder.dir, user);
      if ((await sweepUsers(folder.dir)) === 0) await shutDownServer(folder);
    });
  } catch (error) {
    folder.log.warn({ err: error }, 'The private Redis server could not be stopped; the next start uses it again');
  }
}

/** Starts the server again, at the same address, whenever it goes away. Resolves after the abort. */
async function supervise(folder: ServerFolder, url: string, signal: AbortSignal): Promise<void> {
  const { dir, log } = folder;
  let failures = 0;
  while (!signal.aborted) {
    const began = performance.now();
    await untilDisconnected(url, signal);
    failures = performance.now() - began > STABLE_AFTER_MS ? 1 : failures + 1;
    if (!(await pause(reviveDelay(failures), signal))) return;
    try {
      await withFileLock(join(dir, 'start'), START_LOCK_WAIT_MS, async () => {
        if (!signal.aborted) await ensureServer(folder, url);
      });
      if (!signal.aborted) log.warn({ restarts: failures }, 'The private Redis server had gone; it serves again');
    } catch (error) {
      log.error({ err: error }, 'The private Redis server could not be started again');
    }
  }
}

export function reviveDelay(failures: number): number {
  return failures <= 1 ? 0 : Math.min(REVIVE_MAX_MS, REVIVE_FIRST_MS * 2 ** Math.min(failures - 2, 20));
}

/** Holds an idle connection until the server closes it; at once when there is no server. */
async function untilDisconnected(url: string, signal: AbortSignal): Promise<void> {
  const path = socketPath(url);
  const socket = path === null ? connect(Number(new URL(url).port), '127.0.0.1') : connect(path);
  const end = () => socket.destroy();
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    // What went wrong does not matter: the close that follows is the news.
    socket.on('error', end);
    socket.on('data', () => undefined);
    socket.on('close', () => resolve());
  });
  signal.removeEventListener('abort', end);
}

/** Answers whether the pause ended by itself. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(ms, true, { signal }).catch(() => false);
}

function redisCli({ url, facts }: RunningServer): string {
  const program = facts.isValkey ? 'valkey-cli' : 'redis-cli';
  const path = socketPath(url);
  if (path === null) return `${program} -p ${new URL(url).port}`;
  return `${program} -s ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`}`;
}
