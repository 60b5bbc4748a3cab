import type { Redis } from 'ioredis';
import { PartitionCountError } from '#streams/partition-count.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { RedisUnfitError } from './server-check.ts';

/** How Redis begins its refusal of a login (WRONGPASS), of a command without one (NOAUTH) or beyond its rights (NOPERM). */
const REFUSAL = /^(?:WRONGPASS|NOAUTH|NOPERM)\b/;

/** Whether the server may be entrusted with the work. */
export interface RedisFitness {
  /**
   * Checks a server that answers; one that is away is checked when it is back.
   * @throws {RedisUnfitError | PartitionCountError}
   */
  checkAtStart(): Promise<void>;
  /** Why the server that came back must not be used; null while nothing is known against it. */
  trouble(): string | null;
}

/** @param check throws RedisUnfitError or PartitionCountError; anything else counts as a server that went away again. */
export function createRedisFitness(deps: { redis: Redis; check: () => Promise<void>; log: Logger }): RedisFitness {
  const { redis, check, log } = deps;
  let trouble: string | null = null;

  async function checkLater(): Promise<void> {
    try {
      await check();
      trouble = null;
      redis.off('ready', onReady);
    } catch (cause) {
      const error = refusalOf(cause);
      if (!isVerdict(error)) return log.warn({ reason: errorCode(error) }, 'Redis could not be checked; trying later');
      trouble = error.message;
      log.error({ code: error.code }, `Redis came back, but it must not be used: ${error.message}`);
    }
  }
  const onReady = () => void checkLater();

  return {
    async checkAtStart() {
      try {
        await redis.ping();
        await check();
      } catch (cause) {
        const error = refusalOf(cause);
        if (isVerdict(error)) throw error;
        log.warn({ reason: errorCode(error) }, 'Redis is away; bookings are accepted and their messages wait');
        redis.on('ready', onReady);
        if (redis.status === 'ready') onReady();
      }
    },
    trouble: () => trouble,
  };
}

const isVerdict = (error: unknown): error is RedisUnfitError | PartitionCountError =>
  error instanceof RedisUnfitError || error instanceof PartitionCountError;

function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'ReplyError' || !REFUSAL.test(error.message)) return error;
  return new RedisUnfitError(
    'redis_refuses',
    `REDIS_URL is refused by Redis (${error.message}): correct its user and password`,
    { cause: error },
  );
}
