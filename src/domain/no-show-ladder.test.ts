import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bookingState } from './bookings.ts';
import {
  confirmationOf,
  type NoShowLadder,
  noShowLadderSchema,
  type StandingLadder,
  standingLadder,
} from './no-show-ladder.ts';
import type { Audience } from './recipients.ts';

const LADDER: NoShowLadder = { ask: 1440, push_after_min: 240, call_after_min: 480 };
const BOOKING = {
  ...{ starts_at: new Date('2026-01-28T11:00:00Z'), specialist_id: 2, service_id: 3, location_id: null },
  ...{ duration_min: 60, status: 'created' as const, start_version: 4, confirmed_starts_at: null as Date | null },
};
const CONFIRMED = { confirmed_starts_at: BOOKING.starts_at };
const REMINDER = {
  type: 'booking_reminder' as const,
  offset: 1440,
  ts: Date.parse('2026-01-27T11:00:00Z') / 1000,
  change: { version: 5, from: null, to: bookingState(BOOKING) },
};

describe('the steps of a ladder', () => {
  const isTaken = (change: object) => noShowLadderSchema.safeParse({ ...LADDER, ...change }).success;

  test('follow each other before the booking begins, and each may be left out', () => {
    for (const change of [
      {},
      { push_after_min: null },
      { call_after_min: null },
      { push_after_min: null, call_after_min: null },
      { call_after_min: 1439 },
      { ask: { evening_before: '19:00' }, call_after_min: 900 },
      { ask: 10_080, push_after_min: 2_879, call_after_min: 2_880 },
    ])
      assert.equal(isTaken(change), true, JSON.stringify(change));
  });

  test('refuse what could never be done in their order', () => {
    for (const change of [
      { push_after_min: 480 },
      { push_after_min: 500 },
      { call_after_min: 1440 },
      { push_after_min: 1440, call_after_min: null },
      { push_after_min: 0 },
      { call_after_min: 1.5 },
      { ask: 10_080, call_after_min: 2_881 },
      { ask: 10_080, push_after_min: 2_881, call_after_min: null },
      { ask: null },
      { ask: { evening_before: '24:00' } },
      { since: '2026-01-01T00:00:00Z' },
    ])
      assert.equal(isTaken(change), false, JSON.stringify(change));
  });
});

test('a question stands since it was first asked so, whatever follows it', () => {
  const [monday, friday] = [new Date('2026-01-05T00:00:00Z'), new Date('2026-01-09T00:00:00Z')];
  const before = standingLadder(null, LADDER, monday);
  assert.deepEqual(before, { ...LADDER, since: monday });
  assert.deepEqual(standingLadder(before, { ...LADDER, push_after_min: 60 }, friday).since, monday);
  assert.deepEqual(standingLadder(before, { ...LADDER, ask: 120, push_after_min: 60 }, friday).since, friday);
});

describe('a message', () => {
  const said = (change: { event?: object; booking?: object; ladder?: StandingLadder | null; audience?: Audience }) => {
    const event = change.event === undefined ? REMINDER : { ...REMINDER, ...change.event };
    const { audience = 'client', ladder = { ...LADDER, since: new Date('2026-01-20T00:00:00Z') } } = change;
    return confirmationOf({ event, audience }, { ...BOOKING, ...change.booking }, ladder);
  };

  test('asks the client with the reminder of the ladder, and with no other', () => {
    assert.deepEqual(said({}), { kind: 'asked', start_version: 4 });
    assert.equal(said({ event: { offset: 120 } }), null);
    assert.equal(said({ event: { offset: undefined } }), null);
    assert.equal(said({ event: { type: 'booking_created' } }), null);
    assert.deepEqual(said({ event: { type: 'booking_rescheduled' } })?.kind, 'asked');
    assert.equal(said({ event: { type: 'booking_rescheduled', offset: undefined } }), null);
    assert.equal(said({ ladder: null }), null);
    assert.deepEqual(said({ event: { type: 'booking_unconfirmed' }, ladder: null })?.kind, 'asked');
    for (const audience of ['specialist', 'admin', 'former_specialist'] as const)
      assert.equal(said({ audience }), null, audience);
  });

  test('asks nothing that was sent before the company asked so', () => {
    const since = (at: string) => ({ ...LADDER, since: new Date(at) });
    assert.equal(said({ ladder: since('2026-01-27T11:00:01Z') }), null);
    assert.equal(said({ ladder: since('2026-01-27T11:00:00.900Z') })?.kind, 'asked');
    const unconfirmed = { type: 'booking_unconfirmed' };
    assert.equal(said({ event: unconfirmed, ladder: since('2026-01-27T11:00:01Z') })?.kind, 'asked');
  });

  test('asks nothing about a start that the booking no longer has', () => {
    assert.equal(said({ booking: { starts_at: new Date('2026-01-28T12:00:00Z') } }), null);
    assert.equal(said({ booking: { status: 'cancelled' } }), null);
  });

  test('tells everybody that the client comes, until the booking moves or ends', () => {
    for (const audience of ['client', 'specialist', 'admin'] as const)
      assert.deepEqual(said({ audience, booking: CONFIRMED }), { kind: 'confirmed' }, audience);
    assert.equal(said({ audience: 'former_specialist', booking: CONFIRMED }), null);
    assert.equal(said({ audience: 'admin', booking: { confirmed_starts_at: new Date('2026-01-28T12:00:00Z') } }), null);
    assert.equal(said({ audience: 'admin', booking: { ...CONFIRMED, status: 'no_show' } }), null);
    assert.deepEqual(confirmationOf({ event: null, audience: 'admin' }, { ...BOOKING, ...CONFIRMED }, null), {
      kind: 'confirmed',
    });
  });
});
