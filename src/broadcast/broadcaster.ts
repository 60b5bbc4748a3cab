import type { Redis } from 'ioredis';
import { countMembers, newestUserId, nextMembers } from '../db/audience.ts';
import type { Bell } from '../db/bell.ts';
import { type Cut, cutChunk, dueChunks, idsAmongOthers, offerDueChunks, openChunks } from '../db/broadcast-chunks.ts';
import { activeBroadcasts, type StoredBroadcast, startBroadcast } from '../db/broadcasts.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../observability/log.ts';
import { createLeasedRounds, type LeasedRounds } from '../scheduled/leased-rounds.ts';
import { complete } from './completion.ts';

/** People in a chunk at most: what one entry of the stream carries. */
const CHUNK_SIZE = 100;
/** Chunks on their way keep so many seconds of sending at the full rate, within these bounds. */
const AHEAD_S = 30;
const MIN_AHEAD = 2;
const MAX_AHEAD = 80;
/** So many people are on their way at once, whoever's: where many broadcasts run, their chunks are smaller. */
const PEOPLE_ON_THE_WAY = 16_000;
const SMALLEST_CHUNK = 20;

/** How soon it is looked for what has ended in another process. */
const BUSY_LOOK_MS = 200;
const IDLE_LOOK_MS = 1_000;

/**
 * Starts broadcasts when their time has come, cuts them into chunks as these are sent, offers again what was given back,
 * and completes them. One process does so at a time, by lease; each step is one transaction, so a crash repeats none.
 */
export function createBroadcaster(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Messages a second, and those of paid broadcasts. */
  rates: { free: number; paid: number };
  /** Rung when this process was asked to change a broadcast. */
  bell: Bell;
  /** Told when chunks were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  log: Logger;
}): LeasedRounds {
  const { database, rates, bell, onCommitted, clock, log } = deps;

  function ahead({ allow_paid }: StoredBroadcast): number {
    const perSecond = allow_paid ? rates.paid : rates.free;
    return Math.min(MAX_AHEAD, Math.max(MIN_AHEAD, Math.ceil((perSecond * AHEAD_S) / CHUNK_SIZE)));
  }

  /** In pieces, beside other reads: a great company's people take a second to count. */
  async function begin({ id, company_id, audience }: StoredBroadcast): Promise<void> {
    const sql = database.survey();
    const last_user_id = await newestUserId(sql, company_id);
    const audience_size = await countMembers(sql, { company_id, audience, after: 0, upTo: last_user_id });
    const started_at = clock();
    if (!(await database.write((tx) => startBroadcast(tx, id, { audience_size, last_user_id, started_at })))) return;
    log.info({ broadcast_id: id, company_id, audience_size }, 'a broadcast starts');
  }

  /** Those whom Telegram does not reach go ahead: nothing of its rate is theirs. */
  async function cutOthers(broadcast: StoredBroadcast, size: number): Promise<StoredBroadcast | null> {
    const { others_cut_up_to: after, last_user_id } = broadcast;
    const { company_id, audience } = broadcast;
    const range = { company_id, audience, after, upTo: last_user_id ?? 0, othersOnly: true };
    const { user_ids, lookedUpTo } = await nextMembers(database.survey(), range, size);
    return await cut(broadcast, { user_ids, upTo: lookedUpTo, isOfOthers: true });
  }

  /** Whoever went ahead is left out, whether or not Telegram reaches them by now. */
  async function cutNext(broadcast: StoredBroadcast, size: number): Promise<StoredBroadcast | null> {
    const { id, company_id, audience, cut_up_to: after, others_cut_up_to: upTo } = broadcast;
    const sql = database.survey();
    const { user_ids, lookedUpTo } = await nextMembers(sql, { company_id, audience, after, upTo }, size);
    const others = await idsAmongOthers(sql, id, user_ids);
    const left = user_ids.filter((userId) => !others.has(userId));
    return await cut(broadcast, { user_ids: left, upTo: lookedUpTo, isOfOthers: false });
  }

  /** Null when it was paused or cancelled meanwhile. */
  async function cut(broadcast: StoredBroadcast, piece: Cut): Promise<StoredBroadcast | null> {
    const after = await database.write((tx) => cutChunk(tx, broadcast, piece, clock()));
    if (after && after.chunks > broadcast.chunks) onCommitted();
    return after;
  }

  /** Answers whether anything is on its way: not while all that is left waits for its time. */
  async function advance(running: StoredBroadcast, beside: number, ended: AbortSignal): Promise<boolean> {
    const { id, company_id } = running;
    const most = ahead(running);
    const size = Math.max(SMALLEST_CHUNK, Math.min(CHUNK_SIZE, Math.floor(PEOPLE_ON_THE_WAY / (beside * most))));
    const open = await openChunks(database.survey(), id);
    const last = running.last_user_id ?? 0;
    let current: StoredBroadcast | null = running;
    for (let room = most - open.offeredOfOthers; room > 0 && current && current.others_cut_up_to < last; room -= 1) {
      if (ended.aborted) return false;
      current = await cutOthers(current, size);
    }
    let room = most - open.offered;
    for (; room > 0 && current && current.cut_up_to < Math.min(last, current.others_cut_up_to); room -= 1) {
      if (ended.aborted) return false;
      current = await cutNext(current, size);
    }
    // After the cutting, and always some: neither holds the other up.
    const again = open.waiting > 0 && (await offerAgain(running, Math.max(1, room)));
    const isMoving = again || !current?.is_cut || open.offered + open.offeredOfOthers > 0;
    if (isMoving || open.waiting > 0) return isMoving;
    if (await database.write((tx) => complete(tx, id, { now: clock(), rates })))
      log.info({ broadcast_id: id, company_id }, 'a broadcast is complete');
    return true;
  }

  /** Answers whether any were due. */
  async function offerAgain(running: StoredBroadcast, most: number): Promise<boolean> {
    if ((await dueChunks(database.survey(), running.id, clock(), most)).length === 0) return false;
    if ((await database.write((tx) => offerDueChunks(tx, running, clock(), most))) > 0) onCommitted();
    return true;
  }

  /** Answers whether something is under way. */
  async function look(ended: AbortSignal): Promise<boolean> {
    const active = await activeBroadcasts(database.read(), clock());
    let isBusy = false;
    for (const broadcast of active) {
      if (ended.aborted) break;
      if (broadcast.status === 'running') isBusy = (await advance(broadcast, active.length, ended)) || isBusy;
      else {
        await begin(broadcast);
        isBusy = true;
      }
    }
    return isBusy;
  }

  return createLeasedRounds({
    ...{ redis: deps.redis, keyPrefix: deps.keyPrefix, name: 'broadcasts', bell, log },
    round: async (ended) => ((await look(ended)) ? BUSY_LOOK_MS : IDLE_LOOK_MS),
  });
}
