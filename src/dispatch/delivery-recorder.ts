import type { RecipientResult } from '#actors/handler.ts';
import type { StreamEntry } from '#streams/entry.ts';
import { type DeliveredCard, recordCards } from '../db/cards.ts';
import { settleChunk } from '../db/chunk-results.ts';
import type { Database } from '../db/database.ts';
import { type DeliveryRecord, logDeliveries } from '../db/deliveries.ts';
import { forgetErased } from '../db/erased-places.ts';
import { closeOutboxRows } from '../db/outbox.ts';
import { tellWebhooks } from '../db/webhook-messages.ts';
import { type AnyEvent, bookingEventOf } from '../domain/any-event.ts';
import type { BroadcastEvent } from '../domain/broadcasts.ts';
import type { BookingEvent } from '../domain/events.ts';
import { toldBy } from '../domain/told-event.ts';
import { rememberedClocks } from '../domain/venue-clock.ts';
import { errorCode } from '../observability/error-code.ts';
import type { Logger } from '../observability/log.ts';
import { loggedId } from '../observability/logged-id.ts';
import type { RecentErasures } from '../people/recent-erasures.ts';
import { decodeEvent } from './decode-event.ts';
import { deliveryFacts } from './delivery-facts.ts';
import type { DeliveryWatch } from './delivery-watch.ts';
import { createDurableBatches } from './durable-batches.ts';
import type { Receipt } from './receipt.ts';

/** What a delivered message shows. */
const NOTIFICATION = JSON.stringify({ kind: 'notification' });

/** Writes results into the delivery log, with the cards that people may press, and closes the event's outbox row with the last of them, many in one commit. */
export interface DeliveryRecorder {
  /**
   * Resolves after the commit; tries again for as long as the database is away. A row that the database refuses is given up
   * with an error in the log, for no repetition would change that. What was returned leaves no row. Rejects only when the
   * process must end.
   */
  record(entry: StreamEntry, results: RecipientResult<Receipt>[], last: boolean): Promise<void>;
}

interface Ending {
  row: DeliveryRecord;
  card: DeliveredCard | null;
}

interface Item {
  endings: Ending[];
  /** The outbox row that these results close. */
  close: { company_id: number; event_id: string } | null;
  /** The chunk of which an offer ends with these results. */
  settle: BroadcastEvent | null;
}

/** Null for what was given back: it has not ended. */
function endingOf(event: AnyEvent, { attempts, receipt }: RecipientResult<Receipt>, finished_at: Date) {
  const { id: event_id, type: event_type, company_id } = event;
  const booking = bookingEventOf(event);
  const { card_version: _, is_confirmed: __, status, ...outcome } = receipt;
  if (status === 'returned') return null;
  const booking_id = booking?.booking_id ?? null;
  const merged = booking?.merged ? { merged_versions: booking.merged } : {};
  const row = { company_id, event_id, event_type, booking_id, attempts, finished_at, status, ...outcome, ...merged };
  return { row, card: booking && cardOf(booking, receipt, finished_at) };
}

/** Null for a message without buttons. */
function cardOf(event: BookingEvent, receipt: Receipt, sent_at: Date): DeliveredCard | null {
  const { company_id, booking_id } = event;
  const { user_id, role: audience, chat_id, message_id, card_version: version, is_confirmed } = receipt;
  if (chat_id === null || message_id === null || version === null) return null;
  const told = JSON.stringify(toldBy(event, version));
  const place = { chat_id, message_id, company_id, booking_id, user_id, audience };
  return { ...place, event: told, view: NOTIFICATION, return_to: 'card', version, is_confirmed, sent_at };
}

/** The key of an outbox entry is `company:event id`. */
export function outboxRowOf(entry: StreamEntry): Item['close'] {
  const [, company, eventId] = /^(\d+):(.+)$/s.exec(entry.key ?? '') ?? [];
  return company && eventId ? { company_id: Number(company), event_id: eventId } : null;
}

/** What can be refused by itself: each row, and the end of the event. */
const piecesOf = ({ endings, close, settle }: Item): Item[] => [
  ...endings.map((ending): Item => ({ endings: [ending], close: null, settle: null })),
  ...(close || settle ? [{ endings: [], close, settle }] : []),
];

/** @param deadline aborts when the process must end, whether the database is back or not */
export function createDeliveryRecorder(deps: {
  database: Database;
  clock(): Date;
  log: Logger;
  deadline: AbortSignal;
  /** Without it each commit looks whether it tells of somebody who is erased. */
  erasures?: Pick<RecentErasures, 'isLately'>;
  /** Told of each result, once it is recorded. */
  watch?: Pick<DeliveryWatch, 'ended'>;
}): DeliveryRecorder {
  const { database, clock, log, deadline, erasures, watch } = deps;
  const clocks = rememberedClocks();

  async function commit(items: Item[]): Promise<void> {
    const endings = items.flatMap((item) => item.endings);
    const rows = endings.map(({ row }) => row);
    const cards = endings.flatMap(({ card }) => card ?? []);
    const closed = items.flatMap(({ close }) => close ?? []);
    const settled = items.flatMap(({ settle }) => settle ?? []);
    await database.write(async (tx) => {
      if (rows.length > 0) await logDeliveries(tx, rows);
      if (cards.length > 0) await recordCards(tx, cards);
      if (erasures?.isLately() ?? true) await forgetErased(tx, rows);
      if (closed.length > 0) await closeOutboxRows(tx, closed);
      for (const chunk of settled) await settleChunk(tx, chunk, clock(), clocks);
      await tellWebhooks(tx, deliveryFacts(rows), clock());
    });
  }

  function refused(piece: Item, error: unknown): void {
    const { company_id, event_id } = piece.close ?? piece.endings[0]?.row ?? { company_id: null, event_id: '' };
    const what = piece.endings[0]?.row;
    log.error(
      { reason: errorCode(error), company_id, event_id: loggedId(event_id), user_id: what?.user_id ?? null },
      what
        ? 'the database refuses this delivery; it is missing from the log'
        : 'the database refuses to close this event',
    );
  }

  const durably = createDurableBatches({ commit, piecesOf, refused, deadline, log });

  return {
    async record(entry, results, last) {
      const decoded = decodeEvent(entry.event);
      const now = clock();
      const endings =
        decoded.kind === 'event' ? results.flatMap((result) => endingOf(decoded.event, result, now) ?? []) : [];
      const close = last ? outboxRowOf(entry) : null;
      const settle = last && decoded.kind === 'event' && decoded.event.type === 'broadcast' ? decoded.event : null;
      if (endings.length > 0 || close || settle) await durably({ endings, close, settle });
      if (decoded.kind === 'event') for (const result of results) watch?.ended(decoded.event, entry, result);
    },
  };
}
