import type { Redis } from 'ioredis';
import { readLetter } from '#streams/dead-letter-keeper.ts';
import { WHOLE_ENTRY } from '#streams/entry.ts';
import { jsonTraceOf, searchEntries } from '#streams/entry-search.ts';
import { outboxShareOf } from '../db/outbox.ts';
import { type LetterView, letterView } from '../dead-letters/letter-view.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { LANES } from '../domain/lanes.ts';
import type { TraceAsk } from './stream-trace.ts';

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
      return keys ? [{ lane, partition, stream: keys.dead }] : [];
    });

  async function search(ask: TraceAsk, diedAt: Date | null): Promise<LetterView | null> {
    const upTo = diedAt === null ? '+' : `${diedAt.getTime() + MAX_APART_MS}`;
    const from = diedAt === null ? '-' : `${Math.max(0, diedAt.getTime() - MAX_APART_MS)}`;
    for (const { stream, ...place } of shelvesOf(ask.company_id)) {
      const search = { stream, field: 'event', containing: jsonTraceOf(ask.event_id), from, upTo };
      const { entries } = await searchEntries(redis, { ...search, mostLookedAt: MAX_LOOKED_AT });
      const letters = entries.map(([id, fields]) => letterView({ ...place, entryId: id }, readLetter(id, fields)));
      const found = letters.find((letter) => isTheirs(letter, ask));
      if (found) return found;
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
