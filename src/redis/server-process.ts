import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { createClient } from './connection.ts';
import type { RedisServerBinary } from './server-binary.ts';
import { infoField } from './server-check.ts';

/** The socket's name in the server's folder. */
export const SOCKET_NAME = 'redis.sock';
const LOG_NAME = 'redis.log';

const PROBE_TIMEOUT_MS = 2_000;
const POLL_MS = 20;

export type Listen = { socket: true } | { port: number };
export type Fsync = 'always' | 'everysec' | 'no';

/** What a server says of itself. */
export interface ServerFacts {
  /** In the server's own pid namespace. */
  pid: number;
  /** Its working folder, where its data are. */
  dir: string;
  isLoading: boolean;
  isValkey: boolean;
}

/** `absent`: nobody listens. `silent`: someone does, but gave no proper answer in time. */
export type Probe = { kind: 'answers'; facts: ServerFacts } | { kind: 'absent' } | { kind: 'silent' };

export async function probeServer(url: string, timeoutMs = PROBE_TIMEOUT_MS): Promise<Probe> {
  try {
    return { kind: 'answers', facts: await withProbingClient(url, timeoutMs, readFacts) };
  } catch (error) {
    return { kind: isNobodyThere(error) ? 'absent' : 'silent' };
  }
}

/** Asks the server at `url` to end. It then closes the connection instead of answering, maybe later. */
export async function requestShutdown(url: string): Promise<void> {
  try {
    await withProbingClient(url, PROBE_TIMEOUT_MS, async (redis) => await redis.shutdown('NOSAVE'));
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') throw error;
  }
}

/** One connection for one question; it is never made again. Rejects with the socket's error where there is one. */
async function withProbingClient<T>(url: string, timeoutMs: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = createClient(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
  });
  let socketError: Error | undefined;
  redis.on('error', (error: Error) => {
    socketError = error;
  });
  try {
    await redis.connect();
    return await ask(redis);
  } catch (error) {
    throw socketError ?? error;
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}

async function readFacts(redis: Redis): Promise<ServerFacts> {
  const [server, persistence, dir] = await Promise.all([
    redis.info('server'),
    redis.info('persistence'),
    redis.config('GET', 'dir') as Promise<string[]>,
  ]);
  return {
    pid: Number(infoField(server, 'process_id')),
    dir: dir[1] ?? '',
    isLoading: infoField(persistence, 'loading') === '1',
    isValkey: infoField(server, 'server_name') === 'valkey',
  };
}

function isNobodyThere(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** A server process from the moment it was spawned. */
export interface LaunchedServer {
  child: ChildProcess;
  /** Why the process is gone, or `null` while it runs. */
  failure(): string | null;
}

/**
 * Starts a server whose data, log and socket are in `dir`, without waiting for it. It has a session of its own: neither
 * Ctrl-C nor a closed terminal reaches it.
 */
export function launchServer(binary: RedisServerBinary, dir: string, listen: Listen, fsync: Fsync): LaunchedServer {
  const settings: Record<string, string> = {
    ...('port' in listen
      ? { bind: '127.0.0.1', port: String(listen.port) }
      : { port: '0', unixsocket: SOCKET_NAME, unixsocketperm: '700' }),
    'protected-mode': 'yes',
    appendonly: 'yes',
    appendfsync: fsync,
    'aof-load-truncated': 'yes',
    'maxmemory-policy': 'noeviction',
    save: '',
    daemonize: 'no',
    logfile: LOG_NAME,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(binary.file, args, { argv0: 'redis-server', cwd: dir, detached: true, stdio: 'ignore' });
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? `code ${code}`}`;
  });
  return { child, failure: () => failure };
}

/** The server ended, or did not answer in time; the message holds the end of its log. */
export class RedisStartError extends Error {
  readonly code = 'redis_start_failed';
}

/**
 * Waits until the server serves commands; one that does not in time is killed.
 * @throws {RedisStartError}
 */
export async function untilServing(
  server: LaunchedServer,
  url: string,
  dir: string,
  waitMs: number,
): Promise<ServerFacts> {
  const giveUpAt = performance.now() + waitMs;
  while (server.failure() === null && performance.now() < giveUpAt) {
    const probe = await probeServer(url);
    if (probe.kind === 'answers' && probe.facts.pid === server.child.pid && !probe.facts.isLoading) return probe.facts;
    await sleep(POLL_MS);
  }
  const reason = server.failure() ?? 'no answer in time';
  server.child.kill('SIGKILL');
  throw new RedisStartError(`Redis in ${dir} did not start: ${reason}. ${await logTail(dir)}`);
}

async function logTail(dir: string): Promise<string> {
  const path = join(dir, LOG_NAME);
  const text = await readFile(path, 'utf8').catch(() => '');
  return `The end of ${path}: ${text.trim().split('\n').slice(-3).join(' | ')}`;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
