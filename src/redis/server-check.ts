import type { Redis } from 'ioredis';
import type { Logger } from '../observability/log.ts';
import { isVersionAtLeast, MIN_REDIS_VERSION } from './server-binary.ts';

/** The server cannot keep what this product entrusts to it; the message says what to change. */
export class RedisUnfitError extends Error {
  readonly code: 'redis_too_old' | 'redis_evicts' | 'redis_refuses';
  constructor(code: RedisUnfitError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One field of an INFO reply, `name:value` a line. */
export function infoField(info: string, name: string): string | null {
  const line = info.split(/\r?\n/).find((text) => text.startsWith(`${name}:`));
  return line === undefined ? null : line.slice(name.length + 1);
}

/**
 * Checks version and eviction policy. What a managed Redis does not tell (INFO or CONFIG forbidden) is logged as a
 * warning and passes.
 * @throws {RedisUnfitError}
 */
export async function checkRedisServer(redis: Redis, log: Logger): Promise<void> {
  const version = await ask(log, 'version', async () => infoField(await redis.info('server'), 'redis_version'));
  if (version !== null && !isVersionAtLeast(version, MIN_REDIS_VERSION))
    throw new RedisUnfitError('redis_too_old', `Redis ${version} is too old: version 7.0 or newer is needed`);
  const policy = await ask(log, 'maxmemory-policy', async () => {
    const told = infoField(await redis.info('memory'), 'maxmemory_policy');
    return told ?? ((await redis.config('GET', 'maxmemory-policy')) as string[])[1] ?? null;
  });
  if (policy !== null && policy !== 'noeviction')
    throw new RedisUnfitError(
      'redis_evicts',
      `Redis may evict keys (maxmemory-policy ${policy}), so events could vanish: set maxmemory-policy to noeviction`,
    );
}

/** `null`, with a warning, when the server refuses the question; a lost connection is passed on. */
async function ask(log: Logger, what: string, question: () => Promise<string | null>): Promise<string | null> {
  let reason = 'not told';
  try {
    const answer = await question();
    if (answer !== null) return answer;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
    reason = error.message;
  }
  log.warn({ setting: what, reason }, 'Redis does not tell this setting; it was not checked');
  return null;
}
