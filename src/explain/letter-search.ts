import type { Redis } from 'ioredis';
import { createDeadLetterKeeper } from '#streams/dead-letter-keeper.ts';
import { WHOLE_ENTRY } from '#streams/entry.ts';
import { outboxShareOf } from '../db/outbox.ts';
import { type LetterView, letterView } from '../dead-letters/letter-view.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { LANES } from '../domain/lanes.ts';
import type { TraceAsk } from './stream-trace.ts';

const PAGE = 200;
/** Letters of a lane that are looked at. */
const MAX_LOOKED_AT = 5_000;
/** Between a death and its row in the log, which may have to wait for the database, in ms. */
const MAX_APART_MS = 600_000;

/**
 * The dead letter of an event for somebody, or for the event as a whole; null for none, or when Redis does not answer.
 * @param diedAt about when, where that is known; else those that died first are looked at
 */
export type LetterSearch = (ask: TraceAsk, diedAt: Date | null) => Promise<LetterView | null>;

export function createLetterSearch(deps: { redis: Redis; partitions: LanePartitions }): LetterSearch {
  const { redis, partitions } = deps;
  const shelvesOf = (company_id: number) =>
    LANES.flatMap((lane) => {
      const partition = outboxShareOf(company_id, partitions[lane].length);
      const keys = partitions[lane][partition];
      return keys ? [{ lane, partition, keeper: createDeadLetterKeeper({ redis, keys }) }] : [];
    });

  async function search(ask: TraceAsk, diedAt: Date | null): Promise<LetterView | null> {
    const upTo = diedAt === null ? '+' : `${diedAt.getTime() + MAX_APART_MS}`;
    for (const { keeper, ...place } of shelvesOf(ask.company_id)) {
      let after = diedAt === null ? '' : `${Math.max(0, diedAt.getTime() - MAX_APART_MS)}-0`;
      for (let seen = 0; seen < MAX_LOOKED_AT; seen += PAGE) {
        const page = await keeper.list({ after, upTo, count: PAGE });
        const views = page.map((letter) => letterView({ ...place, entryId: letter.id }, letter));
        const found = views.find((letter) => isTheirs(letter, ask));
        if (found) return found;
        const last = page.at(-1);
        if (!last || page.length < PAGE) break;
        after = last.id;
      }
    }
    return null;
  }

  return async (ask, diedAt) => {
    try {
      return await search(ask, diedAt);
    } catch {
      return null;
    }
  };
}

function isTheirs({ event, user_id, recipient }: LetterView, ask: TraceAsk): boolean {
  const isOfEvent = event?.id === ask.event_id && event.company_id === ask.company_id;
  return isOfEvent && (user_id === ask.user_id || recipient === WHOLE_ENTRY);
}
