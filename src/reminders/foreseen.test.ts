import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingStatus } from '../domain/bookings.ts';
import type { DecidedReminder, ReminderCase } from '../domain/reminders.ts';
import { foreseen } from './foreseen.ts';

const at = (text: string) => new Date(`${text}:00.000Z`);
const LONG_AGO = at('2026-01-01T00:00');

interface Given {
  status?: BookingStatus;
  isLookedAt?: boolean;
  decided?: DecidedReminder[];
  start_set_at?: Date;
  since?: Date;
  updated_at?: Date;
}

/** Of a booking at 11:00 on the 24th, with reminders a day and two hours before. */
function seen(now: string, given: Given = {}): string[] {
  const { status = 'created', decided = [], start_set_at = LONG_AGO, since = LONG_AGO } = given;
  const { isLookedAt = status === 'created', updated_at = LONG_AGO } = given;
  const reminders: ReminderCase = {
    rules: [1440, 120].map((offset) => ({ offset, since })),
    booking: { status, starts_at: at('2026-11-24T11:00'), time_zone: 'UTC', start_set_at },
    decided,
    now: at(now),
  };
  return foreseen(reminders, { start_version: 1, updated_at, isLookedAt }).map(
    ({ offset, state, reason }) => `${offset} ${reason ?? state}`,
  );
}

const emitted: DecidedReminder = { key: '1440', due_at: at('2026-11-23T11:00'), state: 'emitted', reason: null };

describe('of a booking that stands', () => {
  test('what is not decided is pending, also where it is due and goes any moment', () => {
    assert.deepEqual(seen('2026-11-23T10:59'), ['1440 pending', '120 pending']);
    assert.deepEqual(seen('2026-11-23T11:00', { decided: [emitted] }), ['120 pending']);
    assert.deepEqual(seen('2026-11-24T09:00'), ['1440 nearer_reminder', '120 pending']);
  });

  test('what was set later is said though nothing is written down of it, and only once its time is past', () => {
    const start_set_at = at('2026-11-23T12:00');
    assert.deepEqual(seen('2026-11-23T12:00', { start_set_at }), ['1440 start_set_later', '120 pending']);
    const since = at('2026-11-23T12:00');
    assert.deepEqual(seen('2026-11-23T12:00', { since }), ['1440 reminder_set_later', '120 pending']);
    assert.deepEqual(seen('2026-11-23T12:00', { since, isLookedAt: false })[0], '1440 reminder_set_later');
  });

  test('nothing is pending where nobody looks, and nothing is made up once it has begun', () => {
    const isLookedAt = false;
    assert.deepEqual(seen('2026-11-23T10:00', { isLookedAt }), ['1440 unattended', '120 unattended']);
    assert.deepEqual(seen('2026-11-24T11:00', { isLookedAt }), []);
    assert.deepEqual(seen('2026-11-24T11:00'), ['1440 too_late', '120 too_late']);
  });
});

describe('of a booking that has ended', () => {
  test('what was to come ended with it, and what was set later did not', () => {
    const start_set_at = at('2026-11-23T12:00');
    const given: Given = { status: 'cancelled', updated_at: at('2026-11-23T13:00') };
    assert.deepEqual(seen('2026-11-23T13:00', given), ['1440 booking_cancelled', '120 booking_cancelled']);
    const late = seen('2026-11-23T13:00', { ...given, start_set_at });
    assert.deepEqual(late, ['1440 start_set_later', '120 booking_cancelled']);
    assert.deepEqual(seen('2026-11-23T13:00', { ...given, decided: [emitted] }), ['120 booking_cancelled']);
  });

  test('what was due before the end is not made up once its start is past', () => {
    const updated_at = at('2026-11-24T10:00');
    assert.deepEqual(seen('2026-11-24T12:00', { status: 'no_show', updated_at }), []);
    const early = { status: 'completed', updated_at: at('2026-11-24T08:00') } as const;
    assert.deepEqual(seen('2026-11-24T12:00', early), ['120 booking_completed']);
  });
});
