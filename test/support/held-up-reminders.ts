import assert from 'node:assert/strict';
import type { Database } from '#src/db/database.ts';
import { createReminderReader } from '#src/db/reminder-reads.ts';
import { type BookingSchedule, supersession } from '#src/domain/bookings.ts';
import type { BookingEvent } from '#src/domain/events.ts';
import { outdoneFor } from '#src/domain/reminders.ts';

/** As the test knows it. */
export interface HeldUpBooking {
  id: number;
  starts_at: Date;
  isOpen: boolean;
}

interface HeldUp<B> {
  event: BookingEvent;
  booking: B;
  /** When it went. */
  facts: BookingSchedule & { client_id: number };
}

/** Reminders that went out and never arrived, as if the channel had been down ever since. */
export function createHeldUpReminders<B extends HeldUpBooking>(database: Database) {
  let heldUp: HeldUp<B>[] = [];

  async function isTold({ event, booking, facts }: HeldUp<B>, now: Date): Promise<boolean> {
    const reminders = await createReminderReader(database)(event.booking_id);
    assert.ok(reminders && event.offset !== undefined);
    const standing = {
      ...{ ...facts, starts_at: booking.starts_at, version: reminders.version },
      status: booking.isOpen ? ('created' as const) : ('cancelled' as const),
      confirmed_starts_at: null,
      outdoneBy: outdoneFor(facts.client_id, { offset: event.offset, isEarly: false }, { ...reminders, now }),
    };
    return supersession(event, standing, { user_id: facts.client_id, audience: 'client' }, now) === null;
  }

  return {
    clear(): void {
      heldUp = [];
    },
    add(one: HeldUp<B>): void {
      heldUp.push(one);
    },
    /** If the channel came back now, the last that went of each present start would be told, and no other. */
    async check(bookings: readonly B[], now: Date): Promise<void> {
      for (const booking of bookings) {
        const own = heldUp.filter((one) => one.booking === booking);
        const start = booking.starts_at.toISOString();
        const isAhead = booking.isOpen && booking.starts_at > now;
        const last = own.findLast(({ event }) => isAhead && event.change?.to.starts_at === start);
        for (const one of own) assert.equal(await isTold(one, now), one === last, `${booking.id} ${one.event.id}`);
      }
    },
  };
}
