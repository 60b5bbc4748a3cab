import { ConnectionException, LockWaitTimeoutException } from '@mikro-orm/core';
import type { EntryHandler, Plan } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import { DatabaseError } from '../db/errors.ts';
import type { BookingEvent, BookingEventType } from '../domain/events.ts';
import { decodeEvent } from './decode-event.ts';
import type { DeliveryRecorder } from './delivery-recorder.ts';
import { type Receipt, receiptSchema } from './receipt.ts';

/** How soon planning is tried again while the database is away. */
const DATABASE_RETRY_MS = 1000;

/** Resolves whom an event of its type goes to. */
export type EventHandler = (event: BookingEvent, entry: StreamEntry) => Promise<Plan<Receipt>>;

/** True for what passes by itself: the database is away or locked, and the event is not to blame. */
function isDatabaseAway(error: unknown): boolean {
  return (
    error instanceof DatabaseError || error instanceof ConnectionException || error instanceof LockWaitTimeoutException
  );
}

/** The registry of handlers by event type, as the engine sees it. */
export function createDispatcher(deps: {
  handlers: Record<BookingEventType, EventHandler>;
  recorder: DeliveryRecorder;
}): EntryHandler<Receipt> {
  return {
    async plan(entry) {
      const decoded = decodeEvent(entry.event);
      if (decoded.kind === 'undecodable') return decoded;
      if (decoded.kind === 'unknown_type') return { kind: 'failed', failure: decoded.failure };
      try {
        return await deps.handlers[decoded.event.type](decoded.event, entry);
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        const failure = { code: 'database_away', message: 'the database does not answer' };
        return { kind: 'deferred', failure, delayMs: DATABASE_RETRY_MS };
      }
    },
    record: (entry, results, last) => deps.recorder.record(entry, results, last),
    readReceipt: (json) => receiptSchema.parse(json),
  };
}
