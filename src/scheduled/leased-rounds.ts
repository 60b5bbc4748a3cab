import { Cron } from 'croner';
import type { Redis } from 'ioredis';
import { linkedSignal } from '#streams/linked-signal.ts';
import { type Bell, createBell } from '../db/bell.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createLeaseHolder } from '../redis/lease-holder.ts';

const ASK_AGAIN_MS = 500;

/** Work in rounds that one process does at a time, whichever has the lease. */
export interface LeasedRounds {
  start(): void;
  /** Resolves when the round under way is over. Idempotent. */
  stop(): Promise<void>;
  /** Why nobody is at it here; null while somebody is, here or in another process. */
  trouble(): string | null;
}

export function createLeasedRounds(deps: {
  redis: Redis;
  keyPrefix: string;
  /** Names the lease and, in the log, what nobody looks after: a plural. */
  name: string;
  /** At the beginning of each holding of the lease: others may have been at it before. */
  begin?(): Promise<void>;
  /** Answers after how many ms the next is to come. It must bear another process beside it. */
  round(ended: AbortSignal): Promise<number>;
  /** Asked after each round: why it could do nothing though it did not fail. */
  complaint?(): string | null;
  /** Brings the next round forward. */
  bell?: Bell;
  /** Brings it forward again and again: a cron pattern of six fields, the first of seconds. */
  rhythm?: string;
  log: Logger;
}): LeasedRounds {
  const { name, begin, round, bell = createBell(), rhythm, log } = deps;
  let trouble: string | null = null;

  const holder = createLeaseHolder({
    redis: deps.redis,
    key: `${deps.keyPrefix}${name}:lease`,
    epochKey: `${deps.keyPrefix}${name}:epoch`,
    askAgainMs: ASK_AGAIN_MS,
    async work(lease, stopping) {
      const link = linkedSignal(stopping, lease.lost);
      const cron = rhythm === undefined ? null : new Cron(rhythm, { unref: true }, bell.ring);
      try {
        await begin?.();
        while (!link.signal.aborted) {
          const rung = bell.next();
          const restMs = await round(link.signal);
          trouble = deps.complaint?.() ?? null;
          await rung(link.signal, restMs);
        }
      } finally {
        cron?.stop();
        link.abort();
      }
    },
    // Who has the lease must do a round first.
    asked(isHeld) {
      if (!isHeld) trouble = null;
    },
    interrupted(error, { failures, retryInMs }) {
      const reason = errorCode(error);
      trouble = reason;
      const say = failures === 1 ? log.warn : log.debug;
      say.call(log, { reason, retryInMs }, `${name} are not looked after now`);
    },
    log,
  });
  return { start: holder.start, stop: holder.stop, trouble: () => trouble };
}
