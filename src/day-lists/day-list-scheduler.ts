import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import type { Database } from '../db/database.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createLeasedRounds, type LeasedRounds } from '../scheduled/leased-rounds.ts';
import { createUnderWay } from '../scheduled/under-way.ts';
import { planDayLists } from './plan-day-lists.ts';
import { type CompanyPage, sendDayLists } from './send-day-lists.ts';

/** Every two seconds; six fields, the first of seconds. */
const RHYTHM = '*/2 * * * * *';
/** How soon it is looked for what has been settled. */
const ROOM_LOOK_MS = 20;
/** The rhythm comes sooner. */
const IDLE_MS = 60_000;

/**
 * Puts the lists that specialists get of their day on their way, a page in each commit. One process does so at a time, by lease,
 * which saves work: what keeps a list from going twice is that it is recorded with its event.
 */
export function createDayListScheduler(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Messages a second. */
  rate: number;
  /** Told when lists were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  /** By which it is told how long lists have been under way. */
  monotonicMs?: () => number;
  /** Makes the ids of events. */
  newId: () => string;
  log: Logger;
}): LeasedRounds {
  const { database, onCommitted, clock, monotonicMs = systemClock.monotonicMs, newId, log } = deps;
  const underWay = createUnderWay({
    ...{ database, types: ['specialist_day'], rate: deps.rate, monotonicMs, lookMs: ROOM_LOOK_MS },
  });

  /** One page; answers when to look for the next. */
  async function look(): Promise<number> {
    const { room, againInMs } = await underWay.room();
    if (room === 0) return againInMs;
    const now = clock();
    const pages = await planDayLists(database.survey(), now, room, underWay.full());
    if (pages.length === 0) return IDLE_MS;
    const sent = await database.write((tx) => sendDayLists(tx, pages, { now, newId }));
    underWay.add(sent.map(({ company_id, id }) => ({ company_id, event_id: id })));
    if (sent.length > 0) onCommitted();
    tellOf(pages);
    return 0;
  }

  function tellOf(pages: readonly CompanyPage[]): void {
    const undecidable = pages.filter(({ error }) => error !== undefined);
    if (undecidable.length === 0) return;
    const companies = undecidable.map(({ company }) => company.id);
    const reason = errorCode(undecidable[0]?.error);
    log.warn({ companies, reason }, 'lists of the day cannot be decided; next try in five minutes');
  }

  return createLeasedRounds({
    ...{ redis: deps.redis, keyPrefix: deps.keyPrefix, name: 'day-lists', rhythm: RHYTHM, log },
    begin: underWay.load,
    round: look,
    complaint: underWay.trouble,
  });
}
