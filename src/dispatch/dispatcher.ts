import type { EntryHandler, Plan } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { AnyEvent } from '../domain/any-event.ts';
import type { BroadcastEvent } from '../domain/broadcasts.ts';
import type { SpecialistDayEvent } from '../domain/day-lists.ts';
import type { BookingEvent, BookingEventType } from '../domain/events.ts';
import { unlessDatabaseAway } from './database-away.ts';
import { decodeEvent } from './decode-event.ts';
import type { DeliveryRecorder } from './delivery-recorder.ts';
import type { DeliveryWatch } from './delivery-watch.ts';
import { type Receipt, receiptSchema } from './receipt.ts';

/** Resolves whom an event goes to. */
export type EventHandler<E> = (event: E, entry: StreamEntry) => Promise<Plan<Receipt>>;

export type EventHandlers = Readonly<
  Record<BookingEventType, EventHandler<BookingEvent>> & {
    broadcast: EventHandler<BroadcastEvent>;
    specialist_day: EventHandler<SpecialistDayEvent>;
  }
>;

/** The registry of handlers by event type, as the engine sees it. */
export function createDispatcher(deps: {
  handlers: EventHandlers;
  recorder: DeliveryRecorder;
  watch: DeliveryWatch;
}): EntryHandler<Receipt> {
  const { handlers, watch } = deps;

  async function handled(event: AnyEvent, entry: StreamEntry): Promise<Plan<Receipt>> {
    if (event.type === 'broadcast') return await handlers.broadcast(event, entry);
    if (event.type === 'specialist_day') return await handlers.specialist_day(event, entry);
    return await handlers[event.type](event, entry);
  }

  async function planOf(event: AnyEvent, entry: StreamEntry): Promise<Plan<Receipt>> {
    const plan = await unlessDatabaseAway(() => handled(event, entry));
    if (plan.kind === 'deliver')
      return { ...plan, deliveries: plan.deliveries.map((delivery) => watch.watched(event, delivery)) };
    if (plan.kind === 'failed') watch.planFailed(event, plan.failure.code);
    return plan;
  }

  return {
    // Only who takes turns with whom hangs on it, so a look is enough: an event is decoded once, when it is planned.
    tenantOf: ({ key, event }) => key?.split(':', 1)[0] ?? /"company_id":(\d+)/.exec(event)?.[1] ?? '',
    async plan(entry) {
      const decoded = decodeEvent(entry.event);
      if (decoded.kind === 'event') return await planOf(decoded.event, entry);
      watch.undecodable(entry, decoded.failure.code);
      return decoded.kind === 'undecodable' ? decoded : { kind: 'failed', failure: decoded.failure };
    },
    record: (entry, results, last) => deps.recorder.record(entry, results, last),
    readReceipt: (json) => receiptSchema.parse(json),
  };
}
