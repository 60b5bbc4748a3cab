import { z } from 'zod';
import type { Sql } from '../db/database.ts';
import type { ListedDelivery } from '../db/delivery-list.ts';
import { decodeEvent } from '../dispatch/decode-event.ts';
import { bookingEventOf } from '../domain/any-event.ts';
import { type BroadcastEvent, broadcastIdOf, type ChunkId, chunkIdOf } from '../domain/broadcasts.ts';
import { BOOKING_EVENT_TYPES, type Initiator, SYSTEM_INITIATOR } from '../domain/events.ts';
import type { SelectionEvent } from '../domain/recipients.ts';

/** An event as it was, or as far as the log still tells. */
export interface KnownEvent {
  type: string;
  /** Unix time in seconds; null where only the log tells of it. */
  ts: number | null;
  initiated_by: Initiator | null;
  booking: (SelectionEvent & { id: string; company_id: number; booking_id: number }) | null;
  broadcast: ChunkId | null;
  /** Of a booking: the versions of the moves that it tells in one. */
  merged_versions: readonly number[] | null;
  /** Of a specialist's day: whose. */
  day: { user_id: number } | null;
}

const NOTHING_ELSE = { ts: null, initiated_by: null, booking: null, broadcast: null, merged_versions: null, day: null };

const bookingType = z.enum(BOOKING_EVENT_TYPES);

/** Null for what this version cannot read. */
export function readEvent(json: string): KnownEvent | null {
  const decoded = decodeEvent(json);
  if (decoded.kind !== 'event') return null;
  const { event } = decoded;
  const { type, ts, initiated_by } = event;
  return {
    ...{ type, ts, initiated_by },
    booking: bookingEventOf(event),
    broadcast: event.type === 'broadcast' ? chunkOf(event) : null,
    merged_versions: bookingEventOf(event)?.merged ?? null,
    day: event.type === 'specialist_day' ? { user_id: event.user_id } : null,
  };
}

const chunkOf = ({ broadcast_id, chunk }: BroadcastEvent): ChunkId => ({ broadcast_id, chunk });

/**
 * What the log knows of an event that is over: who has made it is known where they were left out for that, and whom the
 * booking was taken from where they were told.
 */
export function eventOfLog(rows: readonly ListedDelivery[]): KnownEvent | null {
  const [first] = rows;
  if (!first) return null;
  const { event_type: type, event_id: id, company_id, booking_id, merged_versions } = first;
  if (type === 'broadcast') return { ...NOTHING_ELSE, type, broadcast: chunkIdOf(id) };
  if (type === 'specialist_day') return { ...NOTHING_ELSE, type, day: { user_id: first.user_id } };
  const known = bookingType.safeParse(type);
  if (!known.success || booking_id === null) return { ...NOTHING_ELSE, type };
  const initiator = rows.find(({ reason }) => reason === 'initiator');
  const initiated_by = { ...SYSTEM_INITIATOR, user_id: initiator?.user_id ?? null };
  const of = (role: string) => rows.find((row) => row.role === role)?.user_id;
  const [given, former] = [of('specialist'), of('former_specialist')];
  const change = given !== undefined && {
    from: former === undefined ? null : { specialist_id: former },
    to: { specialist_id: given },
  };
  const booking = { id, type: known.data, company_id, booking_id, initiated_by, ...(change && { change }) };
  return { ...NOTHING_ELSE, type, booking, merged_versions };
}

/** A broadcast, or a part of it, that need not be under way; null when the company has none with this id. */
export async function eventOfBroadcast(
  sql: Sql,
  { event_id, company_id }: { event_id: string; company_id: number },
): Promise<KnownEvent | null> {
  const broadcast = chunkIdOf(event_id);
  const id = broadcast?.broadcast_id ?? broadcastIdOf(event_id);
  if (id === null) return null;
  const found = await sql.execute('SELECT 1 FROM broadcasts WHERE id = ? AND company_id = ?', [id, company_id]);
  return found.length === 0 ? null : { ...NOTHING_ELSE, type: 'broadcast', broadcast };
}
