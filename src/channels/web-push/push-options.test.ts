import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_EVENT_TYPES, type BookingEventType } from '../../domain/events.ts';
import { notificationTag, pushOptionsFor } from './push-options.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
const NOW = new Date('2026-01-28T12:00:00Z');
const optionsOf = (type: BookingEventType, untilStartS: number, booking = { company_id: 1, booking_id: 123 }) =>
  pushOptionsFor({
    ...booking,
    type,
    starts_at: new Date(NOW.getTime() + untilStartS * 1000),
    duration_min: 60,
    now: NOW,
  });
const lifeInSeconds = (type: BookingEventType, untilStartS: number) =>
  (optionsOf(type, untilStartS).expiresAt.getTime() - NOW.getTime()) / 1000;

describe('a reminder', () => {
  test('never outlives the start of the booking', () => {
    for (const untilStart of [-5, 1, 60.9, HOUR_S, DAY_S])
      assert.equal(lifeInSeconds('booking_reminder', untilStart), untilStart);
    assert.equal(lifeInSeconds('booking_reminder', 8 * DAY_S), 7 * DAY_S);
  });
});

describe('news of a booking', () => {
  for (const type of BOOKING_EVENT_TYPES.filter((each) => !['booking_reminder', 'booking_unconfirmed'].includes(each)))
    test(`${type} lives until the booking is over, a day at least and a week at most`, () => {
      assert.equal(lifeInSeconds(type, 3 * DAY_S), 3 * DAY_S + HOUR_S);
      assert.equal(lifeInSeconds(type, HOUR_S), DAY_S);
      assert.equal(lifeInSeconds(type, -DAY_S), DAY_S);
      assert.equal(lifeInSeconds(type, 3650 * DAY_S), 7 * DAY_S);
    });
});

test('what concerns the next day is urgent, the rest spares the battery', () => {
  assert.equal(optionsOf('booking_created', DAY_S).urgency, 'high');
  assert.equal(optionsOf('booking_cancelled', -60).urgency, 'high');
  assert.equal(optionsOf('booking_created', DAY_S + 1).urgency, 'normal');
});

describe('the topic', () => {
  test('is one per booking, whatever happened to it', () => {
    assert.equal(new Set(BOOKING_EVENT_TYPES.map((type) => optionsOf(type, HOUR_S).topic)).size, 1);
  });
  test("differs by booking and by company, and fits RFC 8030's 32 characters", () => {
    const topics = [
      { company_id: 1, booking_id: 23 },
      { company_id: 12, booking_id: 3 },
      { company_id: 1, booking_id: 24 },
    ].map((booking) => optionsOf('booking_created', HOUR_S, booking).topic);
    assert.equal(new Set(topics).size, 3);
    for (const topic of topics) assert.match(topic, /^[\w-]{32}$/);
  });
});

test('the tag is one per booking', () =>
  assert.equal(notificationTag({ company_id: 1, booking_id: 123 }), 'booking-1-123'));
