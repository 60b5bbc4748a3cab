import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../observability/log.ts';

const RETRY_FIRST_MS = 50;
/** Also the longest that a command issued while Redis is away waits before it is rejected, give or take the jitter. */
const RETRY_MAX_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Below the life of a lease, above the longest blocking read (2 s). */
const SILENCE_TIMEOUT_MS = 4_000;
/** ioredis keeps the process alive for this long after `disconnect` when the socket was closed already. */
const DISCONNECT_TIMEOUT_MS = 200;

/** `unix:/abs/path.sock`, as REDIS_URL and `connectRedis` take it; characters that a URL cannot hold are escaped. */
export function socketUrl(path: string): string {
  return `unix:${pathToFileURL(path).pathname}`;
}

/** The path of a `unix:` URL, or `null` for the other kinds. */
export function socketPath(url: string): string | null {
  return url.startsWith('unix:') ? fileURLToPath(`file://${new URL(url).pathname}`) : null;
}

/** Where to connect; `?db=N` on a `unix:` URL chooses the database as `/N` does on the others. */
export function createClient(url: string, options: RedisOptions): Redis {
  const path = socketPath(url);
  const all = { disconnectTimeout: DISCONNECT_TIMEOUT_MS, ...options };
  if (path === null) return new Redis(url, all);
  return new Redis({ ...all, path, db: Number(new URL(url).searchParams.get('db') ?? 0) });
}

/** The delay before connection attempt n (from 1): doubling, bounded, and spread by up to a half. */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (0.5 + random / 2));
}

/**
 * Connects at once and for ever again. A command in flight when the connection drops is rejected and never sent twice
 * (`autoResendUnfulfilledCommands` would repeat an XADD). A command issued while Redis is away waits for the next
 * attempt and is rejected when that fails, or at once with `offlineQueue: false`. The log tells each change once.
 */
export function connectRedis(deps: {
  url: string;
  log: Logger;
  /** Names the connection in the log and in CLIENT LIST. */
  name?: string;
  keyPrefix?: string;
  offlineQueue?: boolean;
  /** A command without an answer is rejected after this; never otherwise, because some wait for long. */
  commandTimeoutMs?: number;
}): Redis {
  const { url, log, name = 'vestnik', keyPrefix = '', offlineQueue = true, commandTimeoutMs } = deps;
  const redis = createClient(url, {
    connectionName: name,
    keyPrefix,
    enableOfflineQueue: offlineQueue,
    enableAutoPipelining: false,
    autoResendUnfulfilledCommands: false,
    // ioredis 5.11 lets a subscription that fails, because the connection is lost again, end the process (readyHandler).
    autoResubscribe: false,
    // Any other value leaves commands in flight unsettled for ever when they are not re-sent (ioredis 5.11, readyHandler).
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A connection that went silent without closing is replaced; a failed-over server that became a replica likewise.
    socketTimeout: SILENCE_TIMEOUT_MS,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(commandTimeoutMs !== undefined && { commandTimeout: commandTimeoutMs }),
    retryStrategy: (attempt) => reconnectDelay(attempt, Math.random()),
  });
  sayAway(redis);
  endSilenceWithItsSocket(redis);
  logChanges(redis, log, name);
  return redis;
}

/** A command could not be sent, or had no answer, because the server is not reachable. */
export class RedisAwayError extends Error {
  readonly code = 'redis_away';
}

/** ioredis 5.11 rejects what waits (`flushQueue`) in words about its setting `maxRetriesPerRequest`; they are not the news. */
function sayAway(redis: Redis): void {
  const flushQueue: (this: Redis, error: Error, options?: object) => void = Reflect.get(redis, 'flushQueue');
  Reflect.set(redis, 'flushQueue', (error: Error, options?: object) => {
    const isAway = error.name === 'MaxRetriesPerRequestError';
    flushQueue.call(redis, isAway ? new RedisAwayError('Redis is away', { cause: error }) : error, options);
  });
}

/**
 * ioredis 5.11 leaves the timer of `socketTimeout` running when the socket closes before an answer. It then ends the next
 * socket, seconds after the server is back, with all that is under way on it.
 */
function endSilenceWithItsSocket(redis: Redis): void {
  redis.on('close', () => {
    clearTimeout(Reflect.get(redis, 'socketTimeoutTimer'));
    Reflect.set(redis, 'socketTimeoutTimer', undefined);
  });
}

function logChanges(redis: Redis, log: Logger, name: string): void {
  let state: 'new' | 'up' | 'down' = 'new';
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  redis.on('ready', () => {
    if (state === 'down') log.info({ connection: name }, 'Redis is back');
    state = 'up';
    lastError = undefined;
  });
  redis.on('reconnecting', () => {
    if (state === 'down') return;
    state = 'down';
    log.warn({ connection: name, reason: lastError?.message ?? 'connection closed' }, 'Redis is away; reconnecting');
  });
}

/** Resolves when the connection can be used, or after `withinMs`: a Redis that is away is waited for elsewhere. */
export async function untilReady(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const waited = new AbortController();
  const { signal } = waited;
  const ready = once(redis, 'ready', { signal }).catch(() => undefined); // the abort's own rejection
  await Promise.race([ready, sleep(withinMs, undefined, { signal }).catch(() => undefined)]);
  waited.abort();
}
