import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script that is sent once and called by its hash. */
export interface Script {
  run(redis: Redis, keys: string[], args: (string | number)[]): Promise<unknown>;
  /** The same with its text: it goes before all that is sent later, where a Redis that does not know the hash would ask again. */
  runAtOnce(redis: Redis, keys: string[], args: (string | number)[]): Promise<unknown>;
}

export function script(lua: string): Script {
  const sha = createHash('sha1').update(lua).digest('hex');
  return {
    runAtOnce: (redis, keys, args) => redis.eval(lua, keys.length, ...keys, ...args),
    async run(redis, keys, args) {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return await redis.eval(lua, keys.length, ...keys, ...args);
      }
    },
  };
}

/** Compares KEYS[1], the lease, with ARGV[1], the caller's token. */
export const FENCE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('FENCED the lease is not held by this owner')
end`;

/**
 * Begins every script of a partition's owner. It also runs when Redis is full: what an owner writes is little, and it is what
 * empties the streams.
 */
export const OWNER = `#!lua flags=allow-oom${FENCE}`;

/** The caller's lease has passed to another owner, or vanished with a wipe of Redis. */
export function isFenced(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('FENCED');
}
