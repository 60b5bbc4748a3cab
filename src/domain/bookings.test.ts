import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_ACTIONS, BOOKING_STATUSES, bookingState, intervalsOverlap, statusAfter } from './bookings.ts';
import { bookingEventSchema } from './events.ts';

describe('the status of a booking', () => {
  test('leaves `created` by each action', () => {
    const reached = BOOKING_ACTIONS.map((action) => statusAfter('created', action));
    assert.deepEqual(reached, ['created', 'cancelled', 'completed', 'no_show']);
  });

  test('never leaves any other', () => {
    for (const status of BOOKING_STATUSES.filter((one) => one !== 'created'))
      for (const action of BOOKING_ACTIONS) assert.equal(statusAfter(status, action), null, `${action} of ${status}`);
  });
});

test('the state of a booking is what an event may carry', () => {
  const starts_at = new Date('2026-01-28T12:00:00Z');
  const to = bookingState({ starts_at, specialist_id: 2, service_id: 3, location_id: null, duration_min: 60 });
  const given = {
    ...{ id: 'e1', type: 'booking_rescheduled', company_id: 1, booking_id: 123, ts: 1_769_000_000 },
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
    change: { version: 2, from: null, to },
  };
  assert.deepEqual(bookingEventSchema.parse(given), given);
  assert.equal(to.starts_at, '2026-01-28T12:00:00.000Z');
});

describe('two intervals', () => {
  const interval = (from: number, to: number) => ({ starts_at: new Date(from), ends_at: new Date(to) });
  const cases: [string, [number, number], [number, number], boolean][] = [
    ['that touch do not overlap', [0, 10], [10, 20], false],
    ['that share a moment overlap', [0, 10], [9, 20], true],
    ['of which one holds the other overlap', [0, 30], [10, 20], true],
    ['that are the same overlap', [0, 10], [0, 10], true],
    ['that lie apart do not overlap', [0, 10], [11, 20], false],
  ];
  for (const [behaviour, a, b, expected] of cases) {
    test(behaviour, () => {
      assert.equal(intervalsOverlap(interval(...a), interval(...b)), expected);
      assert.equal(intervalsOverlap(interval(...b), interval(...a)), expected);
    });
  }
});
