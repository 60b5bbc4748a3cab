import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { createLog } from '../observability/log.ts';
import { connectRedis, socketPath } from '../redis/connection.ts';
import { runningPrivateRedis } from '../redis/private-server.ts';
import { CommandError } from './command-error.ts';

const COMMAND_TIMEOUT_MS = 10_000;

/**
 * Lends `work` a connection to the Redis of REDIS_URL, or else to the private server that a running Vestnik has started.
 * @throws {CommandError} when there is none, or it does not answer.
 */
export async function withRedis<T>(config: Config, work: (redis: Redis) => Promise<T>): Promise<T> {
  const url = config.REDIS_URL ?? (await runningPrivateRedis(config.dataDir));
  if (url === null)
    throw new CommandError(
      `no Redis runs in ${join(config.dataDir, 'redis')}: start Vestnik in this folder, or set REDIS_URL`,
    );
  const log = createLog('silent');
  const redis = connectRedis({ url, log, name: 'command line', commandTimeoutMs: COMMAND_TIMEOUT_MS });
  let reason = 'no answer';
  redis.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  try {
    await redis.ping().catch((cause: unknown) => {
      throw new CommandError(`Redis at ${place(url)} cannot be used: ${reason}`, { cause });
    });
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** The address without a password. */
const place = (url: string): string => socketPath(url) ?? new URL(url).host;
