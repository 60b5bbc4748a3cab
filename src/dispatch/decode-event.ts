import { z } from 'zod';
import type { Failure } from '#streams/dead-letters.ts';
import type { AnyEvent } from '../domain/any-event.ts';
import { broadcastEventSchema } from '../domain/broadcasts.ts';
import { specialistDayEventSchema } from '../domain/day-lists.ts';
import { BOOKING_EVENT_TYPES, bookingEventSchema } from '../domain/events.ts';

export type DecodedEvent =
  | { kind: 'event'; event: AnyEvent }
  /** Well formed, of a type that a newer version may know. */
  | { kind: 'unknown_type'; failure: Failure }
  | { kind: 'undecodable'; failure: Failure };

const typedSchema = z.looseObject({ type: z.string().min(1) });
const bookingTypes: ReadonlySet<string> = new Set(BOOKING_EVENT_TYPES);

/** Undefined for a type that this version does not know. */
function schemaOf(type: string) {
  if (bookingTypes.has(type)) return bookingEventSchema;
  if (type === 'specialist_day') return specialistDayEventSchema;
  return type === 'broadcast' ? broadcastEventSchema : undefined;
}

function undecodable(message: string): DecodedEvent {
  return { kind: 'undecodable', failure: { code: 'undecodable', message } };
}

/** @param text the field `event` of an entry: anybody may have added it. */
export function decodeEvent(text: string): DecodedEvent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undecodable('the field "event" is missing or not JSON');
  }
  const typed = typedSchema.safeParse(json);
  if (!typed.success) return undecodable('the event has no type');
  const schema = schemaOf(typed.data.type);
  if (!schema) {
    const message = `this version does not know the type ${JSON.stringify(typed.data.type.slice(0, 64))}`;
    return { kind: 'unknown_type', failure: { code: 'unknown_event_type', message } };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: 'event', event: parsed.data };
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return undecodable(where.join('; '));
}
