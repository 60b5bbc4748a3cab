import type { Redis } from 'ioredis';
import { systemClock } from '#streams/clock.ts';
import type { Database } from '../db/database.ts';
import { dueBookings } from '../db/due-bookings.ts';
import { askForPassesByClock, continuePass, openPasses } from '../db/reminder-passes.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { createLeasedRounds, type LeasedRounds } from '../scheduled/leased-rounds.ts';
import { createUnderWay } from '../scheduled/under-way.ts';
import { type Reminded, remindDue } from './remind-due.ts';

/** Every two seconds; six fields, the first of seconds. */
const RHYTHM = '*/2 * * * * *';
/** How soon it is looked for what has been settled. */
const ROOM_LOOK_MS = 20;
/** Bookings of a pass in one commit. */
const PASS_PAGE = 500;
const PASSES = 20;
/** The rhythm comes sooner. */
const IDLE_MS = 60_000;

/**
 * Finds the reminders that are due in the database and puts them on their way, a page in each commit. One process does so at a time,
 * by lease, which saves work: what keeps a reminder from going twice is that its decision is recorded with it.
 */
export function createReminderScheduler(deps: {
  database: Database;
  redis: Redis;
  keyPrefix: string;
  /** Messages a second. */
  rate: number;
  /** Told when reminders were committed; must not throw. */
  onCommitted: () => void;
  clock: () => Date;
  /** By which it is told how long reminders have been under way. */
  monotonicMs?: () => number;
  /** The version of the time zone data that this process reckons with. */
  zoneData: string;
  /** Makes the ids of events. */
  newId: () => string;
  log: Logger;
}): LeasedRounds {
  const { database, onCommitted, clock, monotonicMs = systemClock.monotonicMs, zoneData, newId, log } = deps;
  const underWay = createUnderWay({
    ...{
      database,
      types: ['booking_reminder', 'booking_unconfirmed'],
      rate: deps.rate,
      monotonicMs,
      lookMs: ROOM_LOOK_MS,
    },
  });
  const zoneDataKey = `${deps.keyPrefix}reminders:tzdata`;

  /** Others may have sent reminders before; and by other zone data some are due at other times. */
  async function begin(): Promise<void> {
    await underWay.load();
    if ((await deps.redis.get(zoneDataKey)) === zoneData) return;
    await askForPassesByClock(database);
    await deps.redis.set(zoneDataKey, zoneData);
  }

  /** A page of some of the passes; answers whether there were any. */
  async function makePasses(ended: AbortSignal): Promise<boolean> {
    const companies = await openPasses(database.survey(), PASSES);
    for (const companyId of companies) {
      if (ended.aborted) break;
      await database.write((tx) => continuePass(tx, companyId, clock(), PASS_PAGE));
    }
    return companies.length > 0;
  }

  function tellOf(undecidable: Reminded['undecidable']): void {
    const [first] = undecidable;
    if (!first) return;
    const bookings = undecidable.map(({ booking_id }) => booking_id);
    log.warn({ bookings, reason: errorCode(first.error) }, 'reminders cannot be decided; next try in five minutes');
  }

  /** One page; answers when to look for the next. */
  async function look(ended: AbortSignal): Promise<number> {
    const hadPasses = await makePasses(ended);
    const { room, againInMs } = await underWay.room();
    if (room === 0) return hadPasses ? 0 : againInMs;
    const now = clock();
    const taken = { underWay: underWay.byCompany(), full: underWay.full() };
    const ids = await dueBookings(database.survey(), now, { room, ...taken });
    if (ids.length === 0) return hadPasses ? 0 : IDLE_MS;
    const { events, undecidable } = await database.write((tx) => remindDue(tx, ids, { now, newId }));
    underWay.add(events.map(({ company_id, id }) => ({ company_id, event_id: id })));
    if (events.length > 0) onCommitted();
    tellOf(undecidable);
    return 0;
  }

  return createLeasedRounds({
    ...{ redis: deps.redis, keyPrefix: deps.keyPrefix, name: 'reminders', rhythm: RHYTHM, log },
    begin,
    round: look,
    complaint: underWay.trouble,
  });
}
