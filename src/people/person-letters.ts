import type { Redis } from 'ioredis';
import { readLetter } from '#streams/dead-letter-keeper.ts';
import { searchEntries } from '#streams/entry-search.ts';
import { outboxShareOf } from '../db/outbox.ts';
import { type LetterView, letterView } from '../dead-letters/letter-view.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { recipientOf } from '../dispatch/receipt.ts';
import { LANES } from '../domain/lanes.ts';

/** Letters of a stream that are looked at, those that died first at the top. */
const MAX_LOOKED_AT = 100_000;

/** A list of what Redis holds, and whether that is all of it. */
export interface Found<T> {
  items: T[];
  isWhole: boolean;
}

/** The dead letters of a person of this company. Rejects when Redis does not answer. */
export type PersonLetters = (person: { id: number; company_id: number }) => Promise<Found<LetterView>>;

export function createPersonLetters(deps: { redis: Redis; partitions: LanePartitions }): PersonLetters {
  const { redis, partitions } = deps;

  return async ({ id, company_id }) => {
    const found: Found<LetterView> = { items: [], isWhole: true };
    for (const lane of LANES) {
      const partition = outboxShareOf(company_id, partitions[lane].length);
      const stream = partitions[lane][partition]?.dead;
      if (stream === undefined) continue;
      const search = { stream, field: 'recipient', containing: recipientOf(id), mostLookedAt: MAX_LOOKED_AT };
      const { entries, isWhole } = await searchEntries(redis, search);
      found.isWhole &&= isWhole;
      for (const [entryId, fields] of entries) {
        const letter = letterView({ lane, partition, entryId }, readLetter(entryId, fields));
        if (letter.user_id === id && letter.event?.company_id === company_id) found.items.push(letter);
      }
    }
    return found;
  };
}
