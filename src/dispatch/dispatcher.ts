import type { EntryHandler, Plan } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { BroadcastEvent } from '../domain/broadcasts.ts';
import type { BookingEvent, BookingEventType } from '../domain/events.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { decodeEvent } from './decode-event.ts';
import type { DeliveryRecorder } from './delivery-recorder.ts';
import { type Receipt, receiptSchema } from './receipt.ts';

/** Resolves whom an event goes to. */
export type EventHandler<E> = (event: E, entry: StreamEntry) => Promise<Plan<Receipt>>;

export type EventHandlers = Readonly<
  Record<BookingEventType, EventHandler<BookingEvent>> & Record<'broadcast', EventHandler<BroadcastEvent>>
>;

/** The registry of handlers by event type, as the engine sees it. */
export function createDispatcher(deps: { handlers: EventHandlers; recorder: DeliveryRecorder }): EntryHandler<Receipt> {
  return {
    // Only who takes turns with whom hangs on it, so a look is enough: an event is decoded once, when it is planned.
    tenantOf: ({ key, event }) => key?.split(':', 1)[0] ?? /"company_id":(\d+)/.exec(event)?.[1] ?? '',
    async plan(entry) {
      const decoded = decodeEvent(entry.event);
      if (decoded.kind === 'undecodable') return decoded;
      if (decoded.kind === 'unknown_type') return { kind: 'failed', failure: decoded.failure };
      const { event } = decoded;
      return await unlessDatabaseAway(() =>
        event.type === 'broadcast' ? deps.handlers.broadcast(event, entry) : deps.handlers[event.type](event, entry),
      );
    },
    record: (entry, results, last) => deps.recorder.record(entry, results, last),
    readReceipt: (json) => receiptSchema.parse(json),
  };
}
