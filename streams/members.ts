import type { Redis } from 'ioredis';
import { script } from './script.ts';

/** How long a member that fell silent still counts, in ms. */
const MEMBER_MS = 5000;

/** KEYS: a sorted set, member → when it stops counting, by Redis's clock. ARGV: member, ms (0 to leave). */
const beatScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
end
return redis.call('ZRANGE', KEYS[1], 0, -1)`);

/** The worker processes that are alive, as far as Redis knows. */
export interface Members {
  /** Says that this one lives; answers all that do. */
  beat(): Promise<string[]>;
  leave(): Promise<void>;
}

export function createMembers(options: { redis: Redis; key: string; self: string }): Members {
  const { redis, key, self } = options;
  return {
    beat: async () => (await beatScript.run(redis, [key], [self, MEMBER_MS])) as string[],
    async leave() {
      await beatScript.run(redis, [key], [self, 0]);
    },
  };
}
