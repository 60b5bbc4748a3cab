import assert from 'node:assert/strict';
import type { Database } from '#src/db/database.ts';
import { Booking } from '#src/db/entities.ts';
import { createReminderReader } from '#src/db/reminder-reads.ts';
import type { RemindedBooking } from '#src/db/reminder-work.ts';
import { type BookingSchedule, supersession } from '#src/domain/bookings.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import { outdoneFor } from '#src/domain/reminders.ts';

/** As the test knows it. */
export interface PostedBooking {
  id: number;
  starts_at: Date;
  isOpen: boolean;
}

export interface Addressee {
  user_id: number;
  audience: 'client' | 'specialist';
}

interface Posted<B> {
  event: BookingEvent;
  booking: B;
  to: Addressee;
  /** When it went. */
  facts: BookingSchedule;
}

/** Reminders that went out. Each is judged twice: as if it arrived at once, and as if none had arrived yet. */
export function createReminderPost<B extends PostedBooking>(database: Database) {
  let posted: Posted<B>[] = [];

  const read = async (id: number): Promise<RemindedBooking> =>
    (await createReminderReader(database)(id)) ?? assert.fail();

  function isTold({ event, booking, to, facts }: Posted<B>, reminders: RemindedBooking, now: Date): boolean {
    const { offset, only_user } = event;
    assert.ok(offset !== undefined);
    const standing = {
      ...reminders.onSilence.booking,
      ...{ ...facts, starts_at: booking.starts_at, version: reminders.version },
      status: booking.isOpen ? ('created' as const) : ('cancelled' as const),
      outdoneBy: outdoneFor(to.user_id, { offset, isEarly: only_user !== undefined }, { ...reminders, now }),
    };
    return supersession(event, standing, to, now) === null;
  }

  const isQuestion = ({ event, to }: Posted<B>, { question }: RemindedBooking): boolean =>
    question?.user_id === to.user_id && JSON.stringify(question.offset) === JSON.stringify(event.offset);

  function checkHeldUp(own: readonly Posted<B>[], reminders: RemindedBooking, now: Date): void {
    const [{ booking, to } = assert.fail()] = own;
    const isAhead = booking.isOpen && booking.starts_at > now;
    const start = booking.starts_at.toISOString();
    const ofStart = own.filter(({ event }) => isAhead && event.change?.to.starts_at === start);
    const told = own.filter((one) => isTold(one, reminders, now));
    const what = `${to.audience} of ${booking.id}: ${told.map(({ event }) => event.id)}`;
    assert.ok(
      told.every((one) => ofStart.includes(one)),
      `${what} told of what is over`,
    );
    if (ofStart.every(({ event }) => event.only_user === undefined)) assert.deepEqual(told, ofStart.slice(-1), what);
    assert.equal(told.length > 0, ofStart.length > 0, `${what} told`);
    // What asks them may come beside a reminder that went early.
    assert.ok(told.filter((one) => !isQuestion(one, reminders)).length <= 1, `${what} are too many`);
  }

  return {
    clear(): void {
      posted = [];
    },
    /** Answers whether it is told when it arrives at once. */
    async post(event: BookingEvent, booking: B, to: Addressee, now: Date): Promise<boolean> {
      const { location_id, ...row } = await database.read().findOneOrFail(Booking, { id: booking.id });
      const one = { event, booking, to, facts: { ...row, location_id: location_id ?? null } };
      posted.push(one);
      return isTold(one, await read(booking.id), now);
    },
    /** If the channel came back now, each would be told once of each present start of which they are to hear, and of nothing else. */
    async check(now: Date): Promise<void> {
      for (const booking of new Set(posted.map((one) => one.booking))) {
        const reminders = await read(booking.id);
        for (const audience of ['client', 'specialist']) {
          const own = posted.filter((one) => one.booking === booking && one.to.audience === audience);
          if (own.length > 0) checkHeldUp(own, reminders, now);
        }
      }
    },
  };
}
