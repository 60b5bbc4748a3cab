import type { Redis } from 'ioredis';
import { decodeRecords, type RecipientRecord, readEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import { type FoundEntry, jsonTraceOf, searchEntries } from '#streams/entry-search.ts';
import type { PartitionKeys } from '#streams/keys.ts';
import { outboxShareOf } from '../db/outbox.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { recipientOf } from '../dispatch/receipt.ts';
import { LANES } from '../domain/lanes.ts';

/** Entries of a stream that are looked at, those that wait longest first: all of them, unless a backlog has grown. */
const MAX_LOOKED_AT = 10_000;

/** An event on its way to somebody. */
export interface TracedEntry {
  /** JSON. */
  event: string;
  /** Replayed for one recipient alone. */
  isReplay: boolean;
  /** Null until their first attempt. */
  record: RecipientRecord | null;
}

export interface TraceAsk {
  company_id: number;
  event_id: string;
  user_id: number;
}

/** What is known already of where an entry may be. */
export interface TraceHint {
  /** The id of the event's open outbox row, whose marker names its entry; null for none. */
  outboxId: string | null;
  /** It may be where no marker names it: it came without an outbox, or was replayed. */
  isWorthASearch: boolean;
}

/** What the work streams hold of an event for somebody. Null when Redis does not answer; empty for nothing. */
export type StreamTrace = (ask: TraceAsk, hint: TraceHint) => Promise<TracedEntry[] | null>;

export function createStreamTrace(deps: { redis: Redis; partitions: LanePartitions }): StreamTrace {
  const { redis, partitions } = deps;

  async function recordOf(keys: PartitionKeys, entryId: string, user_id: number): Promise<RecipientRecord | null> {
    const records = decodeRecords((await redis.hget(keys.ledger, entryId)) ?? '[]');
    return records.find(({ recipient }) => recipient === recipientOf(user_id)) ?? null;
  }

  async function markedEntries(keys: PartitionKeys, key: string): Promise<FoundEntry[]> {
    const entryId = await redis.get(`${keys.markerPrefix}${key}`);
    return entryId === null ? [] : await redis.xrange(keys.stream, entryId, entryId);
  }

  async function searched({ stream }: PartitionKeys, event_id: string): Promise<FoundEntry[]> {
    const search = { stream, field: 'event', containing: jsonTraceOf(event_id), mostLookedAt: MAX_LOOKED_AT };
    return (await searchEntries(redis, search)).entries;
  }

  async function look(keys: PartitionKeys, ask: TraceAsk, hint: TraceHint): Promise<TracedEntry[]> {
    const { outboxId, isWorthASearch } = hint;
    const entries = isWorthASearch
      ? await searched(keys, ask.event_id)
      : outboxId === null
        ? []
        : await markedEntries(keys, `${ask.company_id}:${outboxId}`);
    const found: TracedEntry[] = [];
    for (const [id, fields] of entries) {
      const { event, only } = readEntry(id, fields);
      const isTheirs = only === null || only === WHOLE_ENTRY || only === recipientOf(ask.user_id);
      if (!isTheirs || !isEvent(event, ask)) continue;
      found.push({ event, isReplay: only !== null, record: await recordOf(keys, id, ask.user_id) });
    }
    return found;
  }

  return async (ask, hint) => {
    const shelves = LANES.flatMap(
      (lane) => partitions[lane][outboxShareOf(ask.company_id, partitions[lane].length)] ?? [],
    );
    try {
      return (await Promise.all(shelves.map((keys) => look(keys, ask, hint)))).flat();
    } catch {
      return null;
    }
  };
}

/** Anybody may have added the entry. */
function isEvent(json: string, { company_id, event_id }: TraceAsk): boolean {
  try {
    const event: unknown = JSON.parse(json);
    if (typeof event !== 'object' || event === null) return false;
    const { id, company_id: company } = event as Record<string, unknown>;
    return id === event_id && company === company_id;
  } catch {
    return false;
  }
}
