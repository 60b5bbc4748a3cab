import { setTimeout as sleep } from 'node:timers/promises';
import type { RecipientResult } from '#actors/handler.ts';
import { reconnectDelayMs } from '#streams/backoff.ts';
import { createBatcher } from '#streams/batcher.ts';
import type { StreamEntry } from '#streams/entry.ts';
import type { Database } from '../db/database.ts';
import { type DeliveryRecord, logDeliveries } from '../db/deliveries.ts';
import { closeOutboxRows } from '../db/outbox.ts';
import type { BookingEvent } from '../domain/events.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { decodeEvent } from './decode-event.ts';
import type { Receipt } from './receipt.ts';

const MAX_BATCH = 500;

/** Writes results into the delivery log and closes the event's outbox row with the last of them, many in one commit. */
export interface DeliveryRecorder {
  /** Resolves after the commit; tries again for as long as the database is away. Rejects only when the process must end. */
  record(entry: StreamEntry, results: RecipientResult<Receipt>[], last: boolean): Promise<void>;
}

interface Item {
  rows: DeliveryRecord[];
  /** The outbox row that these results close. */
  close: { company_id: number; event_id: string } | null;
}

function deliveryRow(event: BookingEvent, result: RecipientResult<Receipt>, finished_at: Date): DeliveryRecord {
  const { id: event_id, type: event_type, company_id, booking_id } = event;
  const { attempts, receipt } = result;
  return { company_id, event_id, event_type, booking_id, attempts, finished_at, ...receipt };
}

/** The key of an outbox entry is `company:event id`. */
function outboxRowOf(entry: StreamEntry): Item['close'] {
  const [, company, eventId] = /^(\d+):(.+)$/s.exec(entry.key ?? '') ?? [];
  return company && eventId ? { company_id: Number(company), event_id: eventId } : null;
}

/** @param deadline aborts when the process must end, whether the database is back or not */
export function createDeliveryRecorder(deps: {
  database: Database;
  clock(): Date;
  log: Logger;
  deadline: AbortSignal;
}): DeliveryRecorder {
  const { database, clock, log, deadline } = deps;

  async function commit(items: Item[]): Promise<void> {
    const rows = items.flatMap((item) => item.rows);
    const closed = items.flatMap(({ close }) => close ?? []);
    await database.write(async (tx) => {
      if (rows.length > 0) await logDeliveries(tx, rows);
      if (closed.length > 0) await closeOutboxRows(tx, closed);
    });
  }

  const batcher = createBatcher<Item, undefined>({
    maxSize: MAX_BATCH,
    async flush(items) {
      for (let tries = 1; ; tries += 1) {
        try {
          await commit(items);
          return items.map(() => undefined);
        } catch (error) {
          deadline.throwIfAborted();
          log.error(
            { reason: errorCode(error), results: items.length },
            'the delivery log could not be written; trying again',
          );
          await sleep(reconnectDelayMs(tries), undefined, { signal: deadline });
        }
      }
    },
  });

  return {
    async record(entry, results, last) {
      const decoded = decodeEvent(entry.event);
      const now = clock();
      const rows = decoded.kind === 'event' ? results.map((result) => deliveryRow(decoded.event, result, now)) : [];
      const close = last ? outboxRowOf(entry) : null;
      if (rows.length > 0 || close) await batcher.add({ rows, close });
    },
  };
}
