import type { Database } from '#src/db/database.ts';
import { logDeliveries } from '#src/db/deliveries.ts';
import type { BookingRow } from '#src/db/entities.ts';
import { knowsPlace } from '#src/db/known-place.ts';
import { closeOutboxRows } from '#src/db/outbox.ts';
import { supersession } from '#src/domain/bookings.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import type { Recipient, Selection } from '#src/domain/recipients.ts';

/** What becomes of a message: it arrives, it dies, or it arrives and dies for those who sent it. */
export const FATES = ['delivered', 'dead', 'lost'] as const;
export type Fate = (typeof FATES)[number];

/** A message that is to be sent, or whatever became of it. */
interface Part {
  user_id: number;
  role: Recipient['audience'];
  /** Null for the list of their day. */
  event: BookingEvent | null;
}

/**
 * The messages of one booking on their way: each person's one after another, with the booking as it stands then, and the delivery log. What
 * everybody has in mind is remembered.
 */
export function createMovePost(deps: {
  database: Database;
  company_id: number;
  booking: () => Promise<BookingRow>;
  /** How it stands, in words. */
  meant: () => Promise<string>;
  /** Passes a millisecond. */
  tick: () => Date;
}) {
  const { database, company_id, booking, meant, tick } = deps;
  let parts: Part[] = [];
  let dead: Part[] = [];
  let lists = 0;
  const told = new Map<number, string>();
  /** Who was given up, and has not been told how it stands since. */
  const givenUp = new Set<number>();

  const tell = (userId: number, what: string) => {
    told.set(userId, what);
    givenUp.delete(userId);
  };

  const log = ({ event, user_id, role }: Part, status: 'delivered' | 'suppressed' | 'dead', reason: string | null) =>
    database.write((tx) =>
      logDeliveries(tx, [
        {
          ...{ company_id, user_id, role, status, reason, channel: null, chat_id: null, message_id: null, attempts: 1 },
          ...{ event_id: event?.id ?? `list-${++lists}`, event_type: event?.type ?? 'specialist_day' },
          ...{ booking_id: event?.booking_id ?? null, finished_at: tick() },
        },
      ]),
    );

  async function settleUnlessWaiting({ id }: BookingEvent): Promise<void> {
    if (parts.some(({ event }) => event?.id === id)) return;
    await database.write((tx) => closeOutboxRows(tx, [{ company_id, event_id: id }]));
  }

  async function whyNot({ event, user_id, role }: Part): Promise<string | null> {
    const state = await booking();
    if (!event) return state.specialist_id === user_id && state.status === 'created' ? null : 'no_bookings';
    const isKnown = event.after
      ? await knowsPlace(database.read(), { company_id, user_id, after: event.after })
      : false;
    return supersession(event, { ...state, isKnown }, { user_id, audience: role }, new Date(0));
  }

  async function send(part: Part, fate: Fate): Promise<void> {
    const reason = await whyNot(part);
    if (reason === null && fate !== 'dead')
      tell(part.user_id, part.role === 'former_specialist' ? 'left' : await meant());
    if (reason === null && fate === 'dead') givenUp.add(part.user_id);
    if (reason === 'moved_back') givenUp.delete(part.user_id);
    if (reason === null && fate !== 'delivered') dead.push(part);
    await log(part, reason === null ? (fate === 'delivered' ? fate : 'dead') : 'suppressed', reason);
    if (part.event) await settleUnlessWaiting(part.event);
  }

  return {
    told: (userId: number) => told.get(userId),
    isGivenUp: (userId: number) => givenUp.has(userId),
    tell,
    clear() {
      [parts, dead] = [[], []];
      told.clear();
      givenUp.clear();
    },
    async take(event: BookingEvent, { chosen, excluded }: Selection) {
      for (const { user_id, audience: role, reason } of excluded)
        await log({ user_id, role, event }, 'suppressed', reason);
      parts.push(...chosen.map(({ user_id, audience: role }) => ({ user_id, role, event })));
      await settleUnlessWaiting(event);
    },
    list(userId: number) {
      parts.push({ user_id: userId, role: 'specialist', event: null });
    },
    /** What has died is tried again. */
    replay() {
      parts.push(...dead.splice(0));
    },
    /** Sends so many of the messages that wait; of one person's alone, where they are named. */
    async deliver(most: number, { fate = 'delivered', to }: { fate?: Fate; to?: number | undefined } = {}) {
      for (const part of parts.filter(({ user_id }) => to === undefined || user_id === to).slice(0, most)) {
        parts.splice(parts.indexOf(part), 1);
        await send(part, fate);
      }
    },
  };
}
