import { z } from 'zod';
import { type BookingSchedule, type BookingStatus, type Confirmable, isConfirmed, startsElsewhen } from './bookings.ts';
import type { BookingEvent } from './events.ts';
import type { Audience } from './recipients.ts';
import { offsetKey, type ReminderOffset, reminderOffsetSchema } from './reminder-offsets.ts';

/** The buttons of a message live for two days: whoever is reminded, or called, later has none to press. */
const LONGEST_SILENCE_MIN = 2 * 24 * 60;

const minutesAfter = z
  .int()
  .min(1)
  .max(LONGEST_SILENCE_MIN, `must be at most ${LONGEST_SILENCE_MIN}: the buttons of the question live for two days`)
  .nullable();

/**
 * How a company asks its clients whether they come: with which of its reminders, and how many minutes after it who has not
 * answered is reminded by Web Push, and called; null leaves that step out.
 */
export const noShowLadderSchema = z
  .strictObject({ ask: reminderOffsetSchema, push_after_min: minutesAfter, call_after_min: minutesAfter })
  .refine(({ push_after_min: push, call_after_min: call }) => push === null || call === null || push < call, {
    path: ['call_after_min'],
    message: 'must be later than push_after_min',
  })
  .refine((ladder) => endsBeforeStart(ladder), {
    path: ['ask'],
    message: 'must leave time for every step before the booking begins',
  });

export interface NoShowLadder {
  ask: ReminderOffset;
  push_after_min: number | null;
  call_after_min: number | null;
}

/** Who was asked before the company had this ladder saw a plain reminder, so nothing follows from their silence. */
export interface StandingLadder extends NoShowLadder {
  since: Date;
}

/** Other minutes leave the question, and so its `since`, as they were. */
export function standingLadder(before: StandingLadder | null, ladder: NoShowLadder, now: Date): StandingLadder {
  const asksAsBefore = before !== null && offsetKey(before.ask) === offsetKey(ladder.ask);
  return { ...ladder, since: asksAsBefore ? before.since : now };
}

/** A time on the evening before is at an unknown distance: there a late step is skipped. */
function endsBeforeStart({ ask, push_after_min, call_after_min }: NoShowLadder): boolean {
  return typeof ask !== 'number' || Math.max(push_after_min ?? 0, call_after_min ?? 0) < ask;
}

/** What a message says of the client's coming: it asks for a word on the start that this version set, or knows that they come. */
export type Confirmation = { kind: 'asked'; start_version: number } | { kind: 'confirmed' };

/**
 * Only the client is asked, and only about a start that is still the booking's.
 * @param event null where a message tells of no event
 */
export function confirmationOf(
  { event, audience }: { event: Pick<BookingEvent, 'type' | 'offset' | 'ts' | 'change'> | null; audience: Audience },
  booking: BookingSchedule & Confirmable & { status: BookingStatus; start_version: number },
  ladder: StandingLadder | null,
): Confirmation | null {
  if (booking.status !== 'created' || audience === 'former_specialist') return null;
  if (isConfirmed(booking)) return { kind: 'confirmed' };
  if (audience !== 'client' || !event || !asks(event, ladder) || startsElsewhen(event, booking)) return null;
  return { kind: 'asked', start_version: booking.start_version };
}

/** As `asksAt` has it of what was decided: a reminder from before the ladder was a plain one, and stays so. */
function asks(
  { type, offset, ts }: Pick<BookingEvent, 'type' | 'offset' | 'ts'>,
  ladder: StandingLadder | null,
): boolean {
  if (type === 'booking_unconfirmed') return true;
  if (!ladder || !offset || offsetKey(offset) !== offsetKey(ladder.ask)) return false;
  const endOfSecond = new Date((ts + 1) * 1000);
  return type === 'booking_rescheduled' || (type === 'booking_reminder' && endOfSecond > ladder.since);
}
