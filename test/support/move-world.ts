import assert from 'node:assert/strict';
import { createBookingService } from '#src/bookings/booking-service.ts';
import { findBooking } from '#src/db/booking-rows.ts';
import type { Database } from '#src/db/database.ts';
import { Company, User } from '#src/db/entities.ts';
import { nextMoveWindows } from '#src/db/move-windows.ts';
import { encodeRules } from '#src/db/reminder-rules.ts';
import { bookingState } from '#src/domain/bookings.ts';
import { type BookingEvent, bookingEventSchema, type Initiator, SYSTEM_INITIATOR } from '#src/domain/events.ts';
import { type Person, selectRecipients } from '#src/domain/recipients.ts';
import { DEFAULT_SETTINGS } from '#src/domain/settings.ts';
import { closeDueWindows } from '#src/moves/move-windows.ts';
import { remindDue } from '#src/reminders/remind-due.ts';
import { createMovePost, type Fate } from './move-post.ts';
import { insertCompany } from './rows.ts';

const HOUR_MS = 3_600_000;
const PEOPLE = {
  client: 'client',
  anna: 'specialist',
  vera: 'specialist',
  galina: 'specialist',
  olga: 'admin',
} as const;
export type MovePerson = keyof typeof PEOPLE;
export const SPECIALISTS = ['anna', 'vera', 'galina'] as const;

/** One hour, duration or specialist of few, so that it often leads back. */
export interface Move {
  hour?: number;
  duration?: number;
  specialist?: MovePerson;
}

/** An event as it came into the outbox. */
export interface Emitted {
  event: BookingEvent;
  at: number;
  /** It came out before its time: somebody else did something, the booking ended, or it was handed on. */
  isAhead: boolean;
}

/**
 * One booking after another under a clock of the test's, with the service, the windows, the outbox and the delivery log as they are. Messages
 * go to each person in order, with the booking as it stands then, by the rules of who hears what; what each has in mind is remembered.
 */
export async function openMoveWorld(database: Database) {
  let now = Date.UTC(2026, 10, 23, 12);
  let eventNumber = 0;
  const { company_id, service_id } = await database.write(insertCompany);
  const ids = {} as Record<MovePerson, number>;
  const users: Person[] = [];
  for (const [name, role] of Object.entries(PEOPLE) as [MovePerson, Person['role']][]) {
    const row = { company_id, name, role, locale: 'ru', ads_opt_out: false, created_at: new Date(0) } as const;
    ids[name] = await database.write((tx) => tx.insert(User, row));
    users.push({ id: ids[name], role, tg_id: null, telegram_unreachable: null });
  }
  const nameOf = (id: number): string => Object.entries(ids).find(([, one]) => one === id)?.[0] ?? assert.fail();
  const service = createBookingService({
    ...{ database, clock: () => new Date(now), newId: () => `event-${++eventNumber}`, onCommitted: () => undefined },
  });

  let bookingId = 0;
  let seen = 0;
  let emitted: Emitted[] = [];

  const booking = async () => (await findBooking(database.read(), bookingId)) ?? assert.fail();
  const meant = async () => {
    const { status, ...row } = await booking();
    const { starts_at, duration_min, specialist_id } = row;
    return status === 'cancelled'
      ? status
      : `${starts_at.toISOString()} ${duration_min} min with ${nameOf(specialist_id)}`;
  };
  const post = createMovePost({ database, company_id, booking, meant, tick: () => new Date(++now) });

  async function takeEmitted(isAhead: (event: BookingEvent) => boolean = () => false): Promise<void> {
    const rows = await database
      .read()
      .execute<{ id: number; event: string }[]>('SELECT id, event FROM outbox WHERE id > ? ORDER BY id', [seen]);
    for (const row of rows) {
      seen = row.id;
      const event = bookingEventSchema.parse(JSON.parse(row.event));
      emitted.push({ event, at: now, isAhead: isAhead(event) });
      const settings = DEFAULT_SETTINGS;
      await post.take(event, selectRecipients({ event, booking: await booking(), users, settings }));
    }
  }

  /** What somebody knows who has done it themselves. */
  async function known(by: MovePerson): Promise<string> {
    const { specialist_id } = await booking();
    return PEOPLE[by] === 'specialist' && specialist_id !== ids[by] ? 'left' : await meant();
  }

  function initiatorOf(by: MovePerson | null): Initiator {
    return by === null ? SYSTEM_INITIATOR : { user_id: ids[by], role: PEOPLE[by], channel: 'api' };
  }

  async function act(by: MovePerson | null, what: () => Promise<{ version: number }>): Promise<number> {
    const before = await booking();
    now += 1;
    const { version } = await what();
    if (by !== null && version > before.version) post.tell(ids[by], await known(by));
    const after = await booking();
    const handsOver = after.specialist_id !== before.specialist_id;
    const hasEnded = after.status !== 'created';
    const isOlder = ({ change }: BookingEvent) => (change?.version ?? 0) < version;
    await takeEmitted(
      (event) => handsOver || (isOlder(event) && (hasEnded || event.initiated_by.user_id !== (by && ids[by]))),
    );
    return version;
  }

  return {
    now: () => now,
    emitted: () => emitted,
    told: (name: MovePerson) => post.told(ids[name]),
    isGivenUp: (name: MovePerson) => post.isGivenUp(ids[name]),
    meant,
    wait(ms: number) {
      now += ms;
    },
    async begin(mergeS: number) {
      await database.write(async (tx) => {
        for (const table of ['outbox', 'deliveries', 'bookings']) await tx.execute(`DELETE FROM ${table}`);
      });
      emitted = [];
      post.clear();
      await this.mergeFor(mergeS);
      const references = { company_id, service_id, client_id: ids.client, specialist_id: ids.anna, location_id: null };
      const input = { ...references, starts_at: new Date(now + 240 * HOUR_MS), duration_min: 60, external_id: null };
      const made = { ...input, allow_overlap: true, notify: true };
      const { id } = await database.write((tx) => service.create(tx, made, SYSTEM_INITIATOR));
      bookingId = id;
      await takeEmitted();
    },
    async mergeFor(merge_moves_s: number) {
      await database.write((tx) => tx.nativeUpdate(Company, { id: company_id }, { merge_moves_s }));
    },
    /** Answers the version. */
    async move(by: MovePerson | null, to: Move, notify = true): Promise<number> {
      const { starts_at } = await booking();
      const day = Math.floor(starts_at.getTime() / (24 * HOUR_MS)) * 24 * HOUR_MS;
      const change = {
        ...(to.hour !== undefined && { starts_at: new Date(day + to.hour * HOUR_MS) }),
        ...(to.duration !== undefined && { duration_min: to.duration }),
        ...(to.specialist && { specialist_id: ids[to.specialist] }),
      };
      const asked = { ...change, allow_overlap: true, notify };
      return await act(by, () => database.write((tx) => service.reschedule(tx, bookingId, asked, initiatorOf(by))));
    },
    async cancel(by: MovePerson | null) {
      await act(by, () => database.write((tx) => service.cancel(tx, bookingId, initiatorOf(by))));
    },
    /** Sends so many of the messages that wait; of one person's alone, where they are named. */
    deliver: (most: number, { fate = 'delivered', to }: { fate?: Fate; to?: MovePerson | undefined } = {}) =>
      post.deliver(most, { fate, to: to && ids[to] }),
    replay: post.replay,
    /** A specialist is to get the list of their day. */
    list: (name: MovePerson) => post.list(ids[name]),
    /** One look of the scheduler, which may be killed before its commit. */
    async look(isKilled = false) {
      const due = (await nextMoveWindows(database.read(), 10)).filter(({ closesAt }) => closesAt.getTime() <= now);
      const closing = database.write(async (tx) => {
        await closeDueWindows(
          tx,
          due.map(({ booking_id }) => booking_id),
          new Date(now),
        );
        if (isKilled) throw new Error('killed before the commit');
      });
      if (isKilled) await assert.rejects(closing, /killed/);
      else await closing;
      await takeEmitted();
    },
    /** A reminder that is due now is sent by the scheduler. */
    async remind() {
      const { starts_at } = await booking();
      const offset = Math.ceil((starts_at.getTime() - now) / 60_000);
      const reminders = encodeRules([{ offset, since: new Date(0) }]);
      await database.write(async (tx) => {
        await tx.nativeUpdate(Company, { id: company_id }, { reminders });
        await remindDue(tx, [bookingId], { now: new Date(now), newId: () => `reminder-${++eventNumber}` });
      });
      await takeEmitted(({ type }) => type === 'booking_rescheduled');
    },
    /** Only the specialist whose it is can act in this role. */
    async mayAct(by: MovePerson | null): Promise<boolean> {
      const { specialist_id, status } = await booking();
      return status === 'created' && (by === null || PEOPLE[by] !== 'specialist' || specialist_id === ids[by]);
    },
    state: async () => bookingState(await booking()),
    isOpen: async () => (await booking()).status === 'created',
    windows: () => database.read().execute<{ held: string | null }[]>('SELECT held FROM move_windows'),
  };
}
