import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Log } from './log.ts';
import { FENCE, isFenced, script } from './script.ts';

export const LEASE_MS = 5000;
const RENEW_MS = 1500;

/** ARGV: token, the token of this process's last holding ('' for none), lease in ms. */
const acquireScript = script(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`);

const renewScript = script(`${FENCE}
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

const releaseScript = script(`${FENCE}
return redis.call('DEL', KEYS[1])`);

/** A lease held by this process; every script of its holder carries the token. */
export interface HeldLease {
  token: string;
  /** Aborts when the lease is lost: taken by another, wiped, or not renewed in time by the local monotonic clock. */
  lost: AbortSignal;
  /** Gives the lease up, unless it is lost already. Idempotent. */
  release(): Promise<void>;
}

/**
 * Takes the lease when it is free, else answers null.
 * @param token unique to this holding: never used before, by nobody else
 * @param previous token of a holding of this process that is over, nothing of which is under way. A connection lost in
 *   its middle leaves the lease standing: it is taken on at once, and the new token fences what may still be in the wire.
 */
export async function acquireLease(options: {
  redis: Redis;
  key: string;
  token: string;
  previous: string | null;
  log: Log;
  now?: () => number;
}): Promise<HeldLease | null> {
  const { redis, key, token, log } = options;
  const now = options.now ?? (() => performance.now());
  let renewedAt = now();
  const taken = await acquireScript.run(redis, [key], [token, options.previous ?? '', LEASE_MS]);
  if (taken !== 1) return null;

  const lost = new AbortController();
  const ended = new AbortController();

  async function keep(): Promise<void> {
    while (!ended.signal.aborted) {
      await sleep(RENEW_MS, undefined, { signal: ended.signal });
      const before = now();
      await renewScript.run(redis, [key], [token, LEASE_MS]);
      renewedAt = before;
    }
  }

  function fail(reason: string): void {
    if (ended.signal.aborted) return;
    ended.abort();
    log.warn({ key, reason }, 'lease lost');
    lost.abort(new Error(`lease ${key} lost: ${reason}`));
  }

  async function keepOrFail(): Promise<void> {
    for (;;) {
      try {
        return await keep();
      } catch (error) {
        if (ended.signal.aborted) return;
        if (isFenced(error)) return fail('taken or wiped');
        await sleep(100);
      }
    }
  }

  async function watchClock(): Promise<void> {
    while (!ended.signal.aborted) {
      if (now() - renewedAt > LEASE_MS - 500) fail('not renewed in time');
      await sleep(250, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  void keepOrFail();
  void watchClock();
  return {
    token,
    lost: lost.signal,
    async release() {
      const alreadyOver = ended.signal.aborted;
      ended.abort();
      if (alreadyOver) return;
      await releaseScript.run(redis, [key], [token]).catch((error: unknown) => {
        log.debug({ key, reason: String(error) }, 'lease left to expire');
      });
    },
  };
}
