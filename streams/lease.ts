import type { Redis } from 'ioredis';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { isFenced, OWNER, script } from './script.ts';

export const LEASE_MS = 5000;
const RENEW_MS = 1500;
/** How long before its end a lease that could not be renewed is given up by its holder's own clock. */
const SAFETY_MS = 500;

/**
 * KEYS: lease, epoch. ARGV: token, token of this process's last holding ('' for none), lease in ms, '1' when nobody else
 * can believe to hold it. The epoch outlives every lease, so its absence means a new Redis or a wiped one; an owner from
 * before the wipe may still be sending, and the first taker has everybody wait until that owner has given up by its clock.
 */
const acquireScript = script(`#!lua flags=allow-oom
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[2] then return 0 end
if ARGV[4] ~= '1' and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('SET', KEYS[2], 0)
  redis.call('SET', KEYS[1], 'nobody: waiting for owners from before the wipe', 'PX', ARGV[3])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return redis.call('INCR', KEYS[2])`);

const renewScript = script(`${OWNER}
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

const releaseScript = script(`${OWNER}
return redis.call('DEL', KEYS[1])`);

/** A lease held by this process; every script of its holder carries the token. */
export interface HeldLease {
  token: string;
  /** Counts the holdings of this lease since Redis was last empty. */
  epoch: number;
  /** Aborts when the lease is lost: taken by another, wiped, or not renewed in time by the local monotonic clock. */
  lost: AbortSignal;
  /** Until when, by the local monotonic clock in ms, nobody else can hold it. */
  validUntil(): number;
  /** Gives the lease up, unless it is lost already. Idempotent. */
  release(): Promise<void>;
  /** Ends the holding and leaves the lease to its time: this process may take it on before, others not. Idempotent. */
  abandon(): void;
}

export interface LeaseRequest {
  redis: Redis;
  key: string;
  epochKey: string;
  /** Unique to this holding: never used before, by nobody else. */
  token: string;
  /**
   * A holding of this process that is over. A connection lost in its middle leaves the lease standing: it is taken on at
   * once, and the new token fences what may still be in the wire. Sends of it may still be under way; their caller sees to
   * it that nobody else is sent to beside them.
   */
  previous: Pick<HeldLease, 'token' | 'validUntil'> | null;
  /** True when no owner from before a wipe is to be feared: a new installation, or work that bears two owners. */
  fearless: boolean;
  clock: Clock;
  log: Log;
}

/** Takes the lease when it is free, else answers null. */
export async function acquireLease(request: LeaseRequest): Promise<HeldLease | null> {
  const { redis, key, token, previous, clock, log } = request;
  const before = clock.monotonicMs();
  const unrivalled = request.fearless || (previous !== null && before < previous.validUntil());
  const args = [token, previous?.token ?? '', LEASE_MS, unrivalled ? '1' : '0'];
  const epoch = (await acquireScript.run(redis, [key, request.epochKey], args)) as number;
  return epoch === 0 ? null : holdLease({ redis, key, token, epoch, clock, log, takenAt: before });
}

function holdLease(held: {
  redis: Redis;
  key: string;
  token: string;
  epoch: number;
  clock: Clock;
  log: Log;
  takenAt: number;
}): HeldLease {
  const { redis, key, token, epoch, clock, log } = held;
  const lost = new AbortController();
  const ended = new AbortController();
  let renewedAt = held.takenAt;

  function lose(reason: string): void {
    if (ended.signal.aborted) return;
    ended.abort();
    log.warn({ key, epoch, reason }, 'lease lost');
    lost.abort(new Error(`lease ${key} lost: ${reason}`));
  }

  /** The clock is read before the question is sent, so that a slow answer makes the lease shorter here, never longer. */
  async function renew(): Promise<void> {
    const asked = clock.monotonicMs();
    try {
      await renewScript.run(redis, [key], [token, LEASE_MS]);
      renewedAt = Math.max(renewedAt, asked);
    } catch (error) {
      if (isFenced(error)) lose('taken or wiped');
      else log.debug({ key, reason: String(error) }, 'lease not renewed, trying again');
    }
  }

  async function keep(): Promise<void> {
    let askedAt = clock.monotonicMs();
    while (!ended.signal.aborted) {
      const now = clock.monotonicMs();
      if (now - renewedAt > LEASE_MS - SAFETY_MS) return lose('not renewed in time');
      if (now - askedAt >= RENEW_MS || renewedAt < askedAt) {
        askedAt = now;
        void renew();
      }
      await clock.sleep(SAFETY_MS / 2, ended.signal);
    }
  }

  void keep();
  return {
    token,
    epoch,
    lost: lost.signal,
    validUntil: () => renewedAt + LEASE_MS,
    abandon: () => ended.abort(),
    async release() {
      if (ended.signal.aborted) return;
      ended.abort();
      await releaseScript.run(redis, [key], [token]).catch((error: unknown) => {
        log.debug({ key, reason: String(error) }, 'lease left to expire');
      });
    },
  };
}
