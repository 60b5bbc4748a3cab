import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Initiator } from './events.ts';
import type { Decided } from './ladder-steps.ts';
import type { MoveEvent } from './move-windows.ts';
import { type MovedCase, questionOfMove } from './moved-question.ts';
import { event, STATE } from './recipients.fixture.ts';

const at = (text: string) => new Date(`2026-11-${text}:00.000Z`);
const CLIENT = 57;
const OLGA: Initiator = { user_id: 4, role: 'admin', channel: 'api' };
const NOW = at('23T12:00');
const ASKED = /^ladder ask /;
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480, since: at('01T00:00') };

/** To eleven on the 24th, 23 hours ahead, by the booking's second version. */
function move(from: string, { by = OLGA, version = 2, ...change }: Partial<MoveEvent> & Moved = {}): MoveEvent {
  const to = { ...STATE, starts_at: at('24T11:00').toISOString() };
  return {
    ...event('booking_rescheduled', by),
    change: { version, from: { ...STATE, starts_at: at(from).toISOString() }, to },
    ...change,
  };
}

interface Moved {
  by?: Initiator;
  version?: number;
}

type Given = Partial<Omit<MovedCase, 'booking'>> & { booking?: Partial<MovedCase['booking']> };

function asked(one: MoveEvent, { booking, ...given }: Given = {}) {
  const standing = {
    status: 'created' as const,
    starts_at: at('24T11:00'),
    time_zone: 'UTC',
    confirmed_starts_at: null,
  };
  const question = questionOfMove(one, {
    ...{ ladder: LADDER, client_id: CLIENT, isClientErased: false, decided: [], now: NOW, ...given },
    booking: { ...standing, start_set_at: NOW, ...booking },
  });
  if (question?.kind !== 'asked') return question?.kind ?? 'nothing';
  const { key, due_at, decided_at } = question.decided;
  return [key, ...[due_at, decided_at].map((time) => time.toISOString().slice(8, 16))].join(', ');
}

describe('the message about a move', () => {
  test('asks where the reminder that would have asked was past its time', () => {
    assert.equal(asked(move('28T11:00')), 'ladder ask 1440, 23T11:00, 23T12:00');
    assert.equal(asked(move('28T11:00'), { ladder: { ...LADDER, ask: 1380 } }), 'ladder ask 1380, 23T12:00, 23T12:00');
    assert.equal(asked(move('28T11:00'), { ladder: { ...LADDER, ask: 1379 } }), 'nothing');
    const evening = (ask: string) => ({ ...LADDER, ask: { evening_before: ask } });
    assert.match(asked(move('28T11:00'), { ladder: evening('11:00') }), ASKED);
    assert.equal(asked(move('28T11:00'), { ladder: evening('19:00') }), 'nothing');
  });

  test('asks nothing where nobody asks, or nothing is left to ask', () => {
    assert.equal(asked(move('28T11:00'), { ladder: null }), 'nothing');
    assert.equal(asked(move('28T11:00'), { isClientErased: true }), 'nothing');
    assert.equal(asked(move('28T11:00'), { booking: { status: 'cancelled' } }), 'nothing');
    assert.equal(asked(move('28T11:00'), { now: at('24T11:00') }), 'nothing');
    assert.equal(asked(move('28T11:00'), { booking: { confirmed_starts_at: at('24T11:00') } }), 'nothing');
    assert.match(asked(move('28T11:00'), { booking: { confirmed_starts_at: at('28T11:00') } }), ASKED);
  });

  test('asks nothing of a client who chose the time', () => {
    for (const by of [
      { user_id: CLIENT, role: 'client' },
      { user_id: CLIENT, role: 'admin' },
      { user_id: null, role: 'client' },
    ] as const)
      assert.equal(asked(move('28T11:00', { by: { ...by, channel: 'api' } })), 'nothing');
    assert.match(asked(move('28T11:00', { by: { user_id: 9, role: 'client', channel: 'api' } })), ASKED);
  });

  test('asks only about the start at which the booking stands, set by it alone or by one of several', () => {
    assert.equal(asked(move('28T11:00'), { booking: { starts_at: at('24T10:00') } }), 'nothing');
    assert.equal(asked(move('24T11:00', { version: 3 })), 'nothing');
    assert.match(asked(move('28T11:00', { version: 3, merged: [2, 3] })), ASKED);
  });
});

describe('the message about a move to a time of which the client was asked', () => {
  const back = move('28T11:00', { version: 3 });
  const question: Decided = {
    ...{ key: '1440', due_at: at('23T11:00'), state: 'emitted', reason: null },
    decided_at: at('23T11:01'),
  };

  test('asks again beside the question that stands, however that went', () => {
    for (const key of ['1440', 'ladder ask 1440', `1440 early ${CLIENT}`])
      assert.equal(asked(back, { decided: [{ ...question, key }] }), 'stands');
    const early = { ...question, key: `480 early ${CLIENT}`, due_at: at('22T21:50'), decided_at: at('22T21:50') };
    const nearer = { ...question, key: '360', due_at: at('23T05:00') };
    assert.equal(asked(back, { ladder: { ...LADDER, ask: 480 }, decided: [nearer, early] }), 'stands');
  });

  test('asks anew where only others were told, or the reminder was skipped', () => {
    assert.match(asked(back, { decided: [{ ...question, key: '1440 early 9' }] }), ASKED);
    assert.match(asked(back, { decided: [{ ...question, state: 'skipped', reason: 'nearer_reminder' }] }), ASKED);
  });

  test('asks nothing where that was a plain reminder, of a client who moved it, or once they have confirmed', () => {
    const decided = [question];
    assert.equal(asked(back, { decided, ladder: { ...LADDER, since: at('23T11:02') } }), 'nothing');
    const by: Initiator = { user_id: CLIENT, role: 'client', channel: 'tg_bot' };
    assert.equal(asked(move('28T11:00', { by }), { decided }), 'nothing');
    assert.equal(asked(back, { decided, booking: { confirmed_starts_at: at('24T11:00') } }), 'nothing');
  });
});

describe('several moves in one that led back', () => {
  const back = move('24T11:00', { version: 4, merged: [3, 4] });

  test('ask nothing new, and leave the question that stood', () => {
    const question = { key: '1440', due_at: at('23T11:00'), decided_at: at('23T11:01'), reason: null } as const;
    assert.equal(asked(back), 'nothing');
    assert.equal(asked(back, { decided: [{ ...question, state: 'skipped' }] }), 'nothing');
    assert.equal(asked(back, { decided: [{ ...question, state: 'emitted' }] }), 'stands');
  });
});
