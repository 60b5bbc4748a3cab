import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import { linkedSignal } from '#streams/linked-signal.ts';
import { countMembers, newestUserId, nextMembers } from '../db/audience.ts';
import type { Bell } from '../db/bell.ts';
import { cutChunk, offerDueChunks, offeredChunks } from '../db/broadcast-chunks.ts';
import { activeBroadcasts, completeBroadcast, type StoredBroadcast, startBroadcast } from '../db/broadcasts.ts';
import type { Database } from '../db/database.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createLeaseHolder } from '../redis/lease-holder.ts';

/** People in a chunk: what one entry of the stream carries. */
const CHUNK_SIZE = 500;
/** Chunks on their way keep so many seconds of sending at the full rate, within these bounds. */
const AHEAD_S = 30;
const MIN_AHEAD = 2;
const MAX_AHEAD = 16;

const ASK_AGAIN_MS = 500;
/** How soon it is looked for what has ended in another process. */
const BUSY_LOOK_MS = 200;
const IDLE_LOOK_MS = 1_000;

/**
 * Starts broadcasts when their time has come, cuts them into chunks as these are sent, offers again what was given back,
 * and completes them. One process does so at a time, by lease; each step is one transaction, so a crash repeats none.
 */
export interface Broadcaster {
  start(): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export function createBroadcaster(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Messages a second, and those of paid broadcasts. */
  rates: { free: number; paid: number };
  /** Rung after each commit of this process. */
  bell: Bell;
  /** Told after each commit; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): Broadcaster {
  const { database, rates, bell, onCommitted, clock, log } = deps;

  function ahead({ allow_paid }: StoredBroadcast): number {
    const perSecond = allow_paid ? rates.paid : rates.free;
    return Math.min(MAX_AHEAD, Math.max(MIN_AHEAD, Math.ceil((perSecond * AHEAD_S) / CHUNK_SIZE)));
  }

  /** In pieces, beside other reads: a great company's people take a second to count. */
  async function begin({ id, company_id, audience }: StoredBroadcast): Promise<void> {
    const sql = database.read();
    const last_user_id = await newestUserId(sql, company_id);
    const audience_size = await countMembers(sql, { company_id, audience, after: 0, upTo: last_user_id });
    const started_at = clock();
    if (!(await database.write((tx) => startBroadcast(tx, id, { audience_size, last_user_id, started_at })))) return;
    log.info({ broadcast_id: id, company_id, audience_size }, 'a broadcast starts');
  }

  /** Null when it was paused or cancelled meanwhile. */
  async function cutNext(broadcast: StoredBroadcast): Promise<StoredBroadcast | null> {
    const { company_id, audience, cut_up_to, chunks, last_user_id } = broadcast;
    const upTo = last_user_id ?? 0;
    const range = { company_id, audience, after: cut_up_to, upTo };
    const { user_ids, lookedUpTo } = await nextMembers(database.read(), range, CHUNK_SIZE);
    const cut = { user_ids, upTo: lookedUpTo, isLast: lookedUpTo >= upTo };
    if (!(await database.write((tx) => cutChunk(tx, broadcast, cut, clock())))) return null;
    onCommitted();
    return {
      ...broadcast,
      cut_up_to: cut.upTo,
      chunks: chunks + (user_ids.length > 0 ? 1 : 0),
      is_cut: cut.isLast,
    };
  }

  async function advance(running: StoredBroadcast, ended: AbortSignal): Promise<void> {
    const { id, company_id } = running;
    let room = ahead(running) - (await offeredChunks(database.read(), id));
    if (room > 0) {
      const offered = await database.write((tx) => offerDueChunks(tx, running, clock(), room));
      if (offered > 0) onCommitted();
      room -= offered;
    }
    let current: StoredBroadcast | null = running;
    for (; current && !current.is_cut && room > 0 && !ended.aborted; room -= 1) current = await cutNext(current);
    if (!current?.is_cut) return;
    if (await database.write((tx) => completeBroadcast(tx, id, clock())))
      log.info({ broadcast_id: id, company_id }, 'a broadcast is complete');
  }

  /** Answers whether something is under way. */
  async function look(ended: AbortSignal): Promise<boolean> {
    const active = await activeBroadcasts(database.read(), clock());
    for (const broadcast of active) {
      if (ended.aborted) break;
      if (broadcast.status === 'scheduled') await begin(broadcast);
      else await advance(broadcast, ended);
    }
    return active.length > 0;
  }

  return createLeaseHolder({
    redis: deps.redis,
    key: `${deps.keyPrefix}broadcasts:lease`,
    epochKey: `${deps.keyPrefix}broadcasts:epoch`,
    askAgainMs: ASK_AGAIN_MS,
    async work(lease, stopping) {
      const link = linkedSignal(stopping, lease.lost);
      try {
        while (!link.signal.aborted) {
          const rung = bell.next();
          const isBusy = await look(link.signal);
          // Every commit of a booking rings too: a pause keeps this from asking the database as often.
          if (isBusy) await systemClock.sleep(BUSY_LOOK_MS, link.signal);
          else await rung(link.signal, IDLE_LOOK_MS);
        }
      } finally {
        link.abort();
      }
    },
    interrupted(error, { failures, retryInMs }) {
      const say = failures === 1 ? log.warn : log.debug;
      say.call(log, { reason: errorCode(error), retryInMs }, 'broadcasts are not looked after now');
    },
    log,
  });
}
