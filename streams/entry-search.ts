import type { Redis } from 'ioredis';
import { script } from './script.ts';

/** Entries that Redis looks through without a pause: what people wait for goes on in between. */
const PAGE = 500;

/** KEYS: stream. ARGV: first id, last id, how many, field, text. Answers how many there were, the last of their ids, and those found. */
const searchScript = script(`#!lua flags=no-writes
local page = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])
local found = {}
for _, entry in ipairs(page) do
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == ARGV[4] and string.find(fields[i + 1], ARGV[5], 1, true) then
      found[#found + 1] = entry
      break
    end
  end
end
return { #page, #page > 0 and page[#page][1] or '', found }`);

type SearchPage = [looked: number, lastId: string, found: FoundEntry[]];
export type FoundEntry = [id: string, flatFields: string[]];

export interface EntrySearch {
  stream: string;
  field: string;
  /** Stands somewhere in the field. */
  containing: string;
  /** Ids, both included; all of the stream when left out. */
  from?: string;
  upTo?: string;
  /** After so many entries the search ends. */
  mostLookedAt: number;
}

/** Searches where the entries are, so that only those found cross the wire. `isWhole`: none was left to look at. */
export async function searchEntries(
  redis: Redis,
  { stream, field, containing, from = '-', upTo = '+', mostLookedAt }: EntrySearch,
): Promise<{ entries: FoundEntry[]; isWhole: boolean }> {
  const entries: FoundEntry[] = [];
  let start = from;
  for (let seen = 0; seen < mostLookedAt; seen += PAGE) {
    const args = [start, upTo, PAGE, field, containing];
    const [looked, lastId, found] = (await searchScript.run(redis, [stream], args)) as SearchPage;
    entries.push(...found);
    if (looked < PAGE) return { entries, isWhole: true };
    start = `(${lastId}`;
  }
  return { entries, isWhole: false };
}

/**
 * What a JSON text certainly contains when it has the string: as it is, where no writer of JSON would spell it differently, else
 * nothing at all.
 */
export const jsonTraceOf = (text: string): string => (/^[\w:.-]*$/.test(text) ? `"${text}"` : '');
