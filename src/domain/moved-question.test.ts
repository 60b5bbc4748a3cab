import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Initiator } from './events.ts';
import type { MoveEvent } from './move-windows.ts';
import { type DecidedOfStart, type MovedCase, questionOfMove } from './moved-question.ts';
import { event, STATE } from './recipients.fixture.ts';

const at = (text: string) => new Date(`2026-11-${text}:00.000Z`);
const CLIENT = 57;
const OLGA: Initiator = { user_id: 4, role: 'admin', channel: 'api' };
const NOW = at('23T12:00');
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
  return questionOfMove(one, {
    ...{ ladder: LADDER, client_id: CLIENT, isClientErased: false, before: [], now: NOW, ...given },
    booking: { ...standing, start_version: 2, start_set_at: NOW, ...booking },
  }).map(
    ({ key, version, event_id, decided_at }) =>
      `${version}: ${key} ${event_id} ${decided_at.toISOString().slice(8, 16)}`,
  );
}

describe('the message about a move', () => {
  test('asks where the reminder that would have asked was past its time', () => {
    assert.deepEqual(asked(move('28T11:00')), ['2: ladder ask 1440 e1 23T12:00']);
    assert.deepEqual(asked(move('28T11:00'), { ladder: { ...LADDER, ask: 1380 } }), ['2: ladder ask 1380 e1 23T12:00']);
    assert.deepEqual(asked(move('28T11:00'), { ladder: { ...LADDER, ask: 1379 } }), []);
    const evening = (ask: string) => ({ ...LADDER, ask: { evening_before: ask } });
    assert.equal(asked(move('28T11:00'), { ladder: evening('11:00') }).length, 1);
    assert.equal(asked(move('28T11:00'), { ladder: evening('19:00') }).length, 0);
  });

  test('asks nothing where nobody asks, or nothing is left to ask', () => {
    assert.deepEqual(asked(move('28T11:00'), { ladder: null }), []);
    assert.deepEqual(asked(move('28T11:00'), { isClientErased: true }), []);
    assert.deepEqual(asked(move('28T11:00'), { booking: { status: 'cancelled' } }), []);
    assert.deepEqual(asked(move('28T11:00'), { now: at('24T11:00') }), []);
    assert.deepEqual(asked(move('28T11:00'), { booking: { confirmed_starts_at: at('24T11:00') } }), []);
    assert.equal(asked(move('28T11:00'), { booking: { confirmed_starts_at: at('28T11:00') } }).length, 1);
  });

  test('asks nothing of a client who chose the time', () => {
    for (const by of [
      { user_id: CLIENT, role: 'client' },
      { user_id: CLIENT, role: 'admin' },
      { user_id: null, role: 'client' },
    ] as const)
      assert.deepEqual(asked(move('28T11:00', { by: { ...by, channel: 'api' } })), []);
    assert.equal(asked(move('28T11:00', { by: { user_id: 9, role: 'client', channel: 'api' } })).length, 1);
  });

  test('asks only about the start that it has set, alone or as one of several', () => {
    assert.deepEqual(asked(move('28T11:00', { version: 3 })), []);
    assert.deepEqual(asked(move('28T11:00'), { booking: { start_version: 3 } }), []);
    assert.equal(asked(move('28T11:00', { version: 3, merged: [2, 3] })).length, 1);
  });
});

describe('moves that led back', () => {
  const back = move('24T11:00', { version: 4, merged: [3, 4] });
  const booking = { start_version: 4 };
  const question: DecidedOfStart = {
    ...{ key: '1440', due_at: at('23T11:00'), state: 'emitted', reason: null },
    ...{ decided_at: at('23T11:01'), version: 2, event_id: 'asking' },
  };
  const push: DecidedOfStart = { ...question, key: 'ladder push 1440', event_id: 'pushing' };

  test('ask nothing where nobody had asked', () => {
    assert.deepEqual(asked(back, { booking }), []);
    assert.deepEqual(asked(back, { booking, before: [push] }), []);
    assert.deepEqual(
      asked(back, { booking, before: [{ ...question, state: 'skipped', reason: 'nearer_reminder' }] }),
      [],
    );
  });

  test('leave the question that stood, with what has followed it', () => {
    const held = ['4: ladder ask 1440 asking 23T11:01', '4: ladder push 1440 pushing 23T11:01'];
    assert.deepEqual(asked(back, { booking, before: [question, push] }), held);
    assert.deepEqual(asked(back, { booking, before: [{ ...question, key: 'ladder ask 1440' }, push] }), held);
    assert.deepEqual(asked(back, { booking, before: [question, { ...push, version: 1 }] }), held.slice(0, 1));
  });

  test('leave no question of another time, nor one that was a plain reminder', () => {
    assert.deepEqual(asked(back, { booking, before: [{ ...question, due_at: at('22T11:00') }] }), []);
    assert.deepEqual(asked(back, { booking, before: [{ ...question, version: 3 }] }), []);
    assert.deepEqual(asked(back, { booking, before: [question], ladder: { ...LADDER, since: at('23T11:02') } }), []);
  });
});
