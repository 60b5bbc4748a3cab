import type { Redis } from 'ioredis';
import { decodeRecords, readEntry, type StreamEntry, WHOLE_ENTRY } from '#streams/entry.ts';
import { searchEntries } from '#streams/entry-search.ts';
import { findChunk } from '../db/broadcast-chunks.ts';
import type { Database } from '../db/database.ts';
import { heldMoves } from '../db/move-windows.ts';
import { companyOutboxRows, outboxShareOf } from '../db/outbox.ts';
import { decodeEvent } from '../dispatch/decode-event.ts';
import type { LanePartitions } from '../dispatch/lanes.ts';
import { recipientOf } from '../dispatch/receipt.ts';
import { type AnyEvent, bookingEventOf } from '../domain/any-event.ts';
import { LANES } from '../domain/lanes.ts';
import type { Found } from './person-letters.ts';

/** Entries of a stream, and rows of the outbox, that are looked at, the oldest first. */
const MAX_LOOKED_AT = 20_000;
const PAGE = 500;

/** An event about a person, or made by them, that is not settled yet. */
export interface EventUnderWay {
  event_id: string;
  event_type: string;
  booking_id: number | null;
  broadcast_id: number | null;
  happened_at: Date;
  /** Begun for this person. */
  attempts: number;
}

interface PersonAsk {
  id: number;
  company_id: number;
  /** Where they are the client or the specialist. */
  booking_ids: ReadonlySet<number>;
}

/** Rejects when Redis does not answer. */
export type PersonUnderWay = (person: PersonAsk) => Promise<Found<EventUnderWay>>;

/** What the outbox and the work streams hold of a person: what waits, is being sent, or is tried again. */
export function createPersonUnderWay(deps: {
  database: Database;
  redis: Redis;
  partitions: LanePartitions;
}): PersonUnderWay {
  const { database, redis, partitions } = deps;

  async function isAbout(event: AnyEvent, person: PersonAsk): Promise<boolean> {
    if (event.initiated_by.user_id === person.id) return true;
    if (event.type === 'broadcast')
      return (await findChunk(database.read(), event))?.members.includes(person.id) ?? false;
    if (event.type === 'specialist_day') return event.user_id === person.id;
    const { from, to } = event.change ?? {};
    return [from, to].some((state) => state?.specialist_id === person.id) || person.booking_ids.has(event.booking_id);
  }

  async function add(found: Map<string, EventUnderWay>, person: PersonAsk, json: string, attempts: number | null) {
    const decoded = decodeEvent(json);
    if (decoded.kind !== 'event' || decoded.event.company_id !== person.company_id) return;
    const { event } = decoded;
    if (attempts === null && !(await isAbout(event, person))) return;
    const { id: event_id, type: event_type, ts } = event;
    found.set(event_id, {
      ...{ event_id, event_type },
      booking_id: bookingEventOf(event)?.booking_id ?? null,
      broadcast_id: event.type === 'broadcast' ? event.broadcast_id : null,
      happened_at: new Date(ts * 1000),
      attempts: Math.max(attempts ?? 0, found.get(event_id)?.attempts ?? 0),
    });
  }

  async function ofMoves(found: Map<string, EventUnderWay>, person: PersonAsk): Promise<boolean> {
    const events = await heldMoves(database.survey(), person.company_id, MAX_LOOKED_AT);
    for (const event of events) await add(found, person, event, null);
    return events.length < MAX_LOOKED_AT;
  }

  async function ofOutbox(found: Map<string, EventUnderWay>, person: PersonAsk): Promise<boolean> {
    for (let afterId = 0, seen = 0; seen < MAX_LOOKED_AT; seen += PAGE) {
      const rows = await companyOutboxRows(database.read(), { company_id: person.company_id, afterId, limit: PAGE });
      for (const { event } of rows) await add(found, person, event, null);
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return true;
      afterId = last.id;
    }
    return false;
  }

  /** How many attempts the ledger knows of; null for none. */
  async function attemptsOf(ledger: string, entries: StreamEntry[], id: number): Promise<(number | null)[]> {
    const kept = await redis.hmget(ledger, ...entries.map((entry) => entry.id));
    const isTheirs = ({ recipient }: { recipient: string }) => recipient === recipientOf(id);
    return kept.map((records) => decodeRecords(records ?? '[]').find(isTheirs)?.attempts ?? null);
  }

  async function ofStream(
    found: Map<string, EventUnderWay>,
    person: PersonAsk,
    { stream, ledger }: { stream: string; ledger: string },
  ): Promise<boolean> {
    const search = { stream, field: 'event', containing: String(person.company_id), mostLookedAt: MAX_LOOKED_AT };
    const { entries, isWhole } = await searchEntries(redis, search);
    const own = [null, WHOLE_ENTRY, recipientOf(person.id)];
    const theirs = entries.map(([id, fields]) => readEntry(id, fields)).filter(({ only }) => own.includes(only));
    for (let start = 0; start < theirs.length; start += PAGE) {
      const some = theirs.slice(start, start + PAGE);
      const attempts = await attemptsOf(ledger, some, person.id);
      for (const [index, { event, only }] of some.entries()) {
        const isReplay = only === recipientOf(person.id);
        await add(found, person, event, attempts[index] ?? (isReplay ? 0 : null));
      }
    }
    return isWhole;
  }

  return async (person) => {
    const found = new Map<string, EventUnderWay>();
    let isWhole = await ofMoves(found, person);
    if (!(await ofOutbox(found, person))) isWhole = false;
    for (const lane of LANES) {
      const keys = partitions[lane][outboxShareOf(person.company_id, partitions[lane].length)];
      if (keys && !(await ofStream(found, person, keys))) isWhole = false;
    }
    return { items: [...found.values()], isWhole };
  };
}
