import type { Database } from '../db/database.ts';
import { type EventKey, unsettledOf, unsettledOfTypes } from '../db/unsettled-events.ts';

/** Half a rate of events that tell two people each are a second of sending: what else these people hear stands behind so many at most. */
const FRESH_SHARE = 1 / 2;
/**
 * Where the rate would let more go, bookings wait for the workers: behind 500 for 549 ms (p50). There is room again within two hundredths
 * of a second, so a hundred slow nothing down.
 */
const MOST_FRESH = 100;
/** One that is not settled by then is held up, by a channel that is down or workers that are: it does not keep the others. */
const HELD_UP_MS = 5_000;
/** A company with so many that have been held up for less than this time waits; the others do not wait for it. */
const MOST_HELD_UP = 200;
const HELD_UP_COUNTS_MS = 10 * 60_000;
/** So many of all companies, held up or not, or the outbox would fill without end: then none goes out until some are settled. */
const MOST = 20_000;
/** How often it is asked for what became of those that are held up, and of how many at a time. */
const HELD_UP_LOOK_MS = 1_000;
const HELD_UP_PAGE = 1_000;

/** The events of some types that the scheduler has sent and that are under way, of all companies. */
export interface UnderWay {
  /** Begins anew with what the database says: others may have sent some since. */
  load(): Promise<void>;
  /** How many more may go out now, and if none, after how many ms there may be room. */
  room(): Promise<{ room: number; againInMs: number }>;
  byCompany(): ReadonlyMap<number, number>;
  /** Companies of which no more may go out now, for too many are held up. */
  full(): ReadonlySet<number>;
  /** Why there is no room for anybody, as of the last time that it was asked for; null while that passes by itself. */
  trouble(): string | null;
  /** They are under way since it was last asked for room: the answer to a commit may come late. */
  add(events: readonly EventKey[]): void;
}

/**
 * @param deps.rate messages a second
 * @param deps.lookMs how often it is asked for what became of those that are not held up
 */
export function createUnderWay(deps: {
  database: Database;
  types: readonly string[];
  rate: number;
  monotonicMs: () => number;
  lookMs: number;
}): UnderWay {
  const { database, types, rate, monotonicMs, lookMs } = deps;
  const mostFresh = Math.min(MOST_FRESH, Math.ceil(rate * FRESH_SHARE));
  type Sent = EventKey & { since: number };
  let fresh: Sent[] = [];
  let heldUp: Sent[] = [];
  let heldUpLookAt = 0;
  let askedAt = monotonicMs();

  const sent = (events: readonly EventKey[], since: number): Sent[] =>
    events.map(({ company_id, event_id }) => ({ company_id, event_id, since }));
  const inAll = (): number => fresh.length + heldUp.length;

  /** Those of before too where it is time for them. */
  async function forgetSettled(now: number): Promise<void> {
    fresh = await unsettledOf(database.survey(), fresh);
    heldUp.push(...fresh.filter(({ since }) => since + HELD_UP_MS <= now));
    fresh = fresh.filter(({ since }) => since + HELD_UP_MS > now);
    if (now < heldUpLookAt) return;
    const page = heldUp.slice(0, HELD_UP_PAGE);
    heldUp = [...heldUp.slice(HELD_UP_PAGE), ...(await unsettledOf(database.survey(), page))];
    heldUpLookAt = now + HELD_UP_LOOK_MS;
  }

  return {
    async load() {
      heldUp = sent(await unsettledOfTypes(database.survey(), types, MOST), monotonicMs());
      // Whoever sent them had no room for more that were fresh.
      fresh = heldUp.splice(-mostFresh);
    },
    async room() {
      askedAt = monotonicMs();
      await forgetSettled(askedAt);
      const left = MOST - inAll();
      return {
        room: Math.max(0, Math.min(mostFresh - fresh.length, left)),
        againInMs: left > 0 ? lookMs : HELD_UP_LOOK_MS,
      };
    },
    byCompany: () => countByCompany([...fresh, ...heldUp]),
    full() {
      const now = monotonicMs();
      const counted = heldUp.filter(({ since }) => now - since < HELD_UP_COUNTS_MS);
      const full = [...countByCompany(counted)].filter(([, count]) => count >= MOST_HELD_UP);
      return new Set(full.map(([company_id]) => company_id));
    },
    trouble: () => (inAll() < MOST ? null : `${inAll()} are under way and not settled`),
    add(events) {
      fresh.push(...sent(events, askedAt));
    },
  };
}

function countByCompany(events: readonly EventKey[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { company_id } of events) counts.set(company_id, (counts.get(company_id) ?? 0) + 1);
  return counts;
}
