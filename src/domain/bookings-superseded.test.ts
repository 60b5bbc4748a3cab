import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_STATUSES, type BookingSchedule, type BookingStatus, bookingState, supersession } from './bookings.ts';
import { BOOKING_EVENT_TYPES, type BookingEvent, type BookingEventType, bookingEventSchema } from './events.ts';

const AT_TWO: BookingSchedule = {
  starts_at: new Date('2026-01-28T11:00:00Z'),
  specialist_id: 2,
  service_id: 3,
  location_id: null,
  duration_min: 60,
};
const BEFORE = new Date('2026-01-28T10:59:59Z');
const AT_THREE: BookingSchedule = { ...AT_TWO, starts_at: new Date('2026-01-28T12:00:00Z') };

function event(type: BookingEventType, from?: BookingSchedule | null, to: BookingSchedule = AT_TWO): BookingEvent {
  const change = from !== undefined && { version: 2, from: from && bookingState(from), to: bookingState(to) };
  return {
    id: 'e1',
    type,
    company_id: 1,
    booking_id: 123,
    initiated_by: { user_id: null, role: 'system', channel: 'api' },
    ts: 1_769_000_000,
    ...(change && { change }),
  };
}

const standing = (schedule: BookingSchedule, status: BookingStatus = 'created', version = 2) => ({
  ...schedule,
  status,
  version,
  confirmed_starts_at: null as Date | null,
});

/** The verdict for the client, the admins and the specialist who has the booking: the same for all of them. */
function verdict(given: BookingEvent, booking: ReturnType<typeof standing> & { isKnown?: boolean }): string | null {
  const { specialist_id } = booking;
  const specialist = supersession(given, booking, { user_id: specialist_id, audience: 'specialist' }, BEFORE);
  for (const audience of ['client', 'admin'] as const)
    assert.equal(supersession(given, booking, { user_id: 1, audience }, BEFORE), specialist, audience);
  return specialist;
}

describe('an event is superseded', () => {
  test('when its booking was cancelled meanwhile, unless it tells just that', () => {
    const verdicts = BOOKING_EVENT_TYPES.map((type) => [type, verdict(event(type), standing(AT_TWO, 'cancelled'))]);
    assert.deepEqual(verdicts, [
      ['booking_created', 'superseded'],
      ['booking_cancelled', null],
      ['booking_rescheduled', 'superseded'],
      ['booking_reminder', 'superseded'],
      ['booking_unconfirmed', 'superseded'],
    ]);
  });

  test('when it moved the booking from where it stands again', () => {
    const moved = event('booking_rescheduled', AT_TWO, AT_THREE);
    assert.equal(verdict(moved, standing(AT_TWO, 'created', 3)), 'superseded');
  });

  test('when its moves have led back to where the reader knows the booking to be, whatever came since', () => {
    const after = { event_id: 'e1', before: '2026-11-23T10:00:00.000Z' };
    const back = { ...event('booking_rescheduled', AT_TWO, AT_TWO), merged: [2, 3], after };
    assert.deepEqual(bookingEventSchema.parse(back), back);
    for (const booking of [standing(AT_TWO), standing(AT_TWO, 'created', 5), standing(AT_THREE, 'created', 5)]) {
      assert.equal(verdict(back, { ...booking, isKnown: true }), 'moved_back');
      assert.equal(verdict(back, booking), null);
    }
    assert.equal(verdict(back, { ...standing(AT_TWO, 'cancelled'), isKnown: true }), 'superseded');
  });

  test('when it reminds of a time that has moved', () => {
    const reminder = event('booking_reminder', null, AT_TWO);
    assert.equal(verdict(reminder, standing(AT_THREE, 'created', 3)), 'superseded');
  });

  test('when it reminds of a visit that is over', () => {
    for (const status of ['completed', 'no_show'] as const)
      assert.equal(verdict(event('booking_reminder'), standing(AT_TWO, status)), 'superseded');
  });
});

describe('an event that concerns the specialist as such', () => {
  const TOLD = BOOKING_EVENT_TYPES.filter((type) => type !== 'booking_cancelled');
  const handedOver = event('booking_rescheduled', { ...AT_TWO, specialist_id: 9 }, AT_TWO);
  const former = { user_id: 9, audience: 'former_specialist' } as const;

  test('is superseded for the one who lost the booking, and for nobody else', () => {
    for (const type of TOLD)
      for (const given of [event(type), event(type, AT_THREE, AT_TWO)]) {
        const lost = standing({ ...AT_TWO, specialist_id: 9 }, 'created', 3);
        assert.equal(supersession(given, lost, { user_id: 2, audience: 'specialist' }, BEFORE), 'superseded', type);
        assert.equal(verdict(given, lost), null, type);
      }
  });

  test('tells the former one that it left them, whatever became of it since', () => {
    for (const status of BOOKING_STATUSES)
      for (const specialist_id of [2, 8])
        assert.equal(supersession(handedOver, standing({ ...AT_TWO, specialist_id }, status, 5), former, BEFORE), null);
  });

  test('is superseded for the former one who has it again', () => {
    for (const status of BOOKING_STATUSES)
      for (const schedule of [AT_TWO, AT_THREE]) {
        const theirs = standing({ ...schedule, specialist_id: 9 }, status, 5);
        assert.equal(supersession(handedOver, theirs, former, BEFORE), 'superseded', status);
      }
  });

  test('is told to the one it names when it is a cancellation, for nothing follows it', () => {
    const cancelled = standing({ ...AT_TWO, specialist_id: 9 }, 'cancelled', 3);
    assert.equal(
      supersession(event('booking_cancelled'), cancelled, { user_id: 2, audience: 'specialist' }, BEFORE),
      null,
    );
  });
});

describe('an event holds', () => {
  test('while the booking stands as it left it', () => {
    for (const type of BOOKING_EVENT_TYPES)
      assert.equal(verdict(event(type, AT_THREE, AT_TWO), standing(AT_TWO)), null, type);
  });

  test('when the booking moved on to a third place', () => {
    const moved = event('booking_rescheduled', AT_TWO, AT_THREE);
    const third = { ...AT_TWO, starts_at: new Date('2026-01-30T09:00:00Z') };
    assert.equal(verdict(moved, standing(third, 'created', 3)), null);
  });

  test('when the booking is back at its time but with another of its facts', () => {
    const moved = event('booking_rescheduled', AT_TWO, AT_THREE);
    const facts: Partial<BookingSchedule>[] = [
      { specialist_id: 9 },
      { service_id: 9 },
      { location_id: 9 },
      { duration_min: 90 },
    ];
    for (const fact of facts) assert.equal(verdict(moved, standing({ ...AT_TWO, ...fact }, 'created', 3)), null);
  });

  test('when it does not say what it changed', () => {
    assert.equal(verdict(event('booking_rescheduled'), standing(AT_THREE, 'created', 9)), null);
    assert.equal(verdict(event('booking_reminder'), standing(AT_THREE, 'created', 9)), null);
  });

  test('when it reminds of the time, and only the specialist was replaced', () => {
    const reminder = event('booking_reminder', null, AT_TWO);
    assert.equal(verdict(reminder, standing({ ...AT_TWO, specialist_id: 9 }, 'created', 3)), null);
  });

  test('when the visit it announced is already over', () => {
    assert.equal(verdict(event('booking_created'), standing(AT_TWO, 'completed')), null);
  });
});

test('an event may give its times with an offset', () => {
  const given = event('booking_reminder', null, AT_TWO);
  const change = given.change && {
    ...given.change,
    to: { ...given.change.to, starts_at: '2026-01-28T14:00:00+03:00' },
  };
  const parsed = bookingEventSchema.parse({ ...given, change });
  assert.equal(verdict(parsed, standing(AT_TWO)), null);
  assert.equal(verdict(parsed, standing(AT_THREE)), 'superseded');
});

describe('of a booking that has begun', () => {
  test('a reminder, to come or to confirm, comes too late, and no other event does', () => {
    const reader = { user_id: 1, audience: 'client' } as const;
    const verdicts = BOOKING_EVENT_TYPES.map((type) => [
      type,
      supersession(event(type, AT_THREE, AT_TWO), standing(AT_TWO), reader, AT_TWO.starts_at),
    ]);
    assert.deepEqual(verdicts, [
      ['booking_created', null],
      ['booking_cancelled', null],
      ['booking_rescheduled', null],
      ['booking_reminder', 'too_late'],
      ['booking_unconfirmed', 'too_late'],
    ]);
  });
});

describe('a confirmation', () => {
  const asked = event('booking_unconfirmed', null);
  const confirmed = (confirmed_starts_at: Date | null) => ({ ...standing(AT_TWO), confirmed_starts_at });

  test('makes it needless to ask for it, while the start is the one that was confirmed', () => {
    assert.equal(verdict(asked, confirmed(AT_TWO.starts_at)), 'confirmed');
    assert.equal(verdict(asked, confirmed(AT_THREE.starts_at)), null);
    assert.equal(verdict(asked, confirmed(null)), null);
    assert.equal(verdict(asked, { ...confirmed(AT_TWO.starts_at), ...AT_THREE }), 'superseded');
    assert.equal(verdict(event('booking_reminder', null), confirmed(AT_TWO.starts_at)), null);
  });
});

describe('an erased client', () => {
  test('is nobody to ask, or to call, about; their booking is told of as before', () => {
    const erased = { ...standing(AT_TWO), isClientErased: true };
    const admin = { user_id: 1, audience: 'admin' } as const;
    const silent = BOOKING_EVENT_TYPES.filter(
      (type) => supersession(event(type, null), erased, admin, BEFORE) !== null,
    );
    assert.deepEqual(silent, ['booking_unconfirmed']);
    assert.equal(supersession(event('booking_unconfirmed', null), erased, admin, BEFORE), 'client_erased');
  });
});

describe('a reminder while one that is nearer to the start goes', () => {
  const reader = { user_id: 1, audience: 'client' } as const;
  const both = { ...standing(AT_TWO), outdoneBy: 'nearer_reminder' as const };

  test('is left out, and no other event is', () => {
    const silent = BOOKING_EVENT_TYPES.filter((type) => supersession(event(type, null), both, reader, BEFORE) !== null);
    assert.deepEqual(silent, ['booking_reminder']);
    assert.equal(supersession(event('booking_reminder', null), both, reader, BEFORE), 'nearer_reminder');
  });

  test('is left out for what says more where both hold', () => {
    const cancelled = { ...both, status: 'cancelled' } as const;
    assert.equal(supersession(event('booking_reminder', null), cancelled, reader, BEFORE), 'superseded');
    assert.equal(supersession(event('booking_reminder', null), both, reader, AT_TWO.starts_at), 'too_late');
  });
});
