import { createAudienceReader } from '../db/booking-reads.ts';
import type { Database, Sql } from '../db/database.ts';
import { type DeliveryFilters, type ListedDelivery, listDeliveries } from '../db/delivery-list.ts';
import {
  type BroadcastFacts,
  broadcastFacts,
  type ChunkFacts,
  chunkFacts,
  chunkWith,
  type ReaderFacts,
  readerFacts,
} from '../db/explain-reads.ts';
import { findHeldMove } from '../db/move-windows.ts';
import { openOutboxEvent } from '../db/outbox.ts';
import type { LetterView } from '../dead-letters/letter-view.ts';
import { broadcastIdOf, chunkEventId, chunkIdOf } from '../domain/broadcasts.ts';
import { type ExcludedUser, type Recipient, selectRecipients } from '../domain/recipients.ts';
import type { SettingRule } from '../domain/settings.ts';
import type { ExplainAsk } from './explanation.ts';
import { eventOfBroadcast, eventOfLog, type KnownEvent, readEvent } from './find-event.ts';
import type { LetterSearch } from './letter-search.ts';
import type { StreamTrace, TraceAsk, TracedEntry } from './stream-trace.ts';

/** Who tells of an event, the best first. */
const SOURCES = ['stream', 'outbox', 'held', 'dead_letter', 'log', 'broadcast'] as const;

/** All that is known of one event and one user. */
export interface Findings {
  event_id: string;
  user_id: number;
  company_id: number | null;
  /** The moment of which all this tells. */
  now: Date;
  event: KnownEvent | null;
  source: (typeof SOURCES)[number] | null;
  /** Of a move that waits for further ones: until when. */
  held_until: Date | null;
  /** Null for nobody of this company. */
  reader: ReaderFacts | null;
  /** How it ended for the user. */
  logged: ListedDelivery | null;
  /** Null when Redis does not answer. */
  traced: TracedEntry[] | null;
  letter: LetterView | null;
  /** Of a booking's event, by the rules and the facts of now; null when the booking is gone. */
  selection: { chosen: Recipient | null; excluded: ExcludedUser | null; settings: SettingRule[] } | null;
  /** Of a broadcast's. */
  chunk: ChunkFacts | null;
  broadcast: BroadcastFacts | null;
}

const NOTHING = {
  ...{ event: null, source: null, held_until: null, logged: null, traced: [], letter: null },
  ...{ selection: null, chunk: null, broadcast: null },
};

/** Moves of a company that wait. */
const MAX_HELD = 20_000;
/** An event goes to fewer people: admins and two or three more, or a chunk of a broadcast. */
const MAX_PEOPLE = 10_000;

export function createFinder(deps: {
  database: Database;
  trace: StreamTrace;
  searchLetter: LetterSearch;
  clock: () => Date;
}) {
  const { database, trace, searchLetter, clock } = deps;
  const loadAudience = createAudienceReader(database);

  async function selectionNow({ booking }: KnownEvent, user_id: number): Promise<Findings['selection']> {
    const found = booking && (await loadAudience(booking));
    if (!found) return null;
    const { chosen, excluded } = selectRecipients({ event: booking, ...found });
    const isTheirs = (place: { user_id: number }) => place.user_id === user_id;
    return {
      chosen: chosen.find(isTheirs) ?? null,
      excluded: excluded.find(isTheirs) ?? null,
      settings: found.settings,
    };
  }

  return async function find({ event_id: named, user_id, company_id: asked }: ExplainAsk): Promise<Findings> {
    const sql = database.survey();
    const user = await readerFacts(sql, user_id);
    const company_id = asked ?? user?.company_id ?? (await companyOfLog(sql, { event_id: named, user_id }));
    const reader = user?.company_id === company_id ? user : null;
    const now = clock();
    if (company_id === null) return { event_id: named, user_id, company_id, now, reader, ...NOTHING };

    const event_id = (await chunkOfUser(sql, named, { company_id, user_id })) ?? named;
    const ask = { company_id, event_id, user_id };
    const held = await findHeldMove(sql, ask, MAX_HELD);
    // After the look at what waits: it goes from there into the outbox.
    const open = await openOutboxEvent(sql, { company_id, event_id });
    const before = await loggedFor(sql, ask);
    const isWorthASearch = before ? before.status === 'dead' : open === null && held === null;
    const traced = await trace(ask, { outboxId: open?.event_id ?? null, isWorthASearch });
    // After the look at what is under way: what ended in between is in the log by now.
    const { items: rows } = await listDeliveries(sql, { company_id, event_id }, { limit: MAX_PEOPLE });
    const logged = rows.find((row) => row.user_id === user_id) ?? null;
    const isNowhere = rows.length === 0 && open === null && held === null && !traced?.length;
    const letter = isNowhere || logged?.status === 'dead' ? await searchLetter(ask, logged?.finished_at ?? null) : null;

    const sources = {
      stream: traced?.[0] ? readEvent(traced[0].event) : null,
      outbox: open && readEvent(open.event),
      held: held && readEvent(held.event),
      dead_letter: letter?.event ? readEvent(JSON.stringify(letter.event)) : null,
      log: eventOfLog(rows),
      broadcast: await eventOfBroadcast(sql, { event_id, company_id }),
    } as const;
    const source = SOURCES.find((name) => sources[name]) ?? null;
    const event = source && sources[source];
    return {
      ...{ event_id, user_id, company_id, now, event, source, reader, logged, traced, letter },
      held_until: source === 'held' ? (held?.until ?? null) : null,
      selection: event && (await selectionNow(event, user_id)),
      chunk: event?.broadcast ? await chunkFacts(sql, { ...event.broadcast, company_id }) : null,
      broadcast: event?.type === 'broadcast' ? await broadcastOf(sql, ask) : null,
    };
  };
}

async function broadcastOf(sql: Sql, { event_id, company_id, user_id }: TraceAsk): Promise<BroadcastFacts | null> {
  const id = chunkIdOf(event_id)?.broadcast_id ?? broadcastIdOf(event_id);
  return id === null ? null : await broadcastFacts(sql, { id, company_id, user_id });
}

async function loggedFor(sql: Sql, filters: DeliveryFilters): Promise<ListedDelivery | null> {
  const { items } = await listDeliveries(sql, filters, { limit: 1 });
  return items[0] ?? null;
}

/** Of a user who has been deleted. */
const companyOfLog = async (sql: Sql, filters: DeliveryFilters): Promise<number | null> =>
  (await loggedFor(sql, filters))?.company_id ?? null;

/** Who asks for a broadcast as a whole means the part with this user in it. */
async function chunkOfUser(
  sql: Sql,
  named: string,
  { company_id, user_id }: { company_id: number; user_id: number },
): Promise<string | null> {
  const broadcast_id = broadcastIdOf(named);
  const number = broadcast_id === null ? null : await chunkWith(sql, { broadcast_id, company_id, user_id });
  return broadcast_id === null || number === null ? null : chunkEventId(broadcast_id, number);
}
