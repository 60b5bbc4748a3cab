import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Decided, decideLadder, type LadderCase, stepOf } from './ladder-steps.ts';

const at = (text: string) => new Date(`2026-11-${text}:00.000Z`);
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480, since: at('01T00:00') };
const CLIENT = 57;
/** The booking begins a day after it. */
const ASKED: Decided = {
  ...{ key: '1440', due_at: at('23T11:00'), state: 'emitted', reason: null },
  decided_at: at('23T11:01'),
};
const went = (key: string): Decided => ({ ...ASKED, key });

function decided(now: string, given: Partial<Omit<LadderCase, 'booking'>> & { booking?: object } = {}) {
  const standing = {
    status: 'created' as const,
    starts_at: at('24T11:00'),
    time_zone: 'UTC',
    confirmed_starts_at: null,
  };
  const booking = { ...standing, ...given.booking };
  const { decisions, next } = decideLadder({
    ladder: LADDER,
    client_id: CLIENT,
    isClientErased: false,
    decided: [ASKED],
    ...given,
    booking,
    now: at(now),
  });
  return [...decisions.map(({ key, state, reason }) => `${key} ${reason ?? state}`), next?.toISOString().slice(8, 16)];
}

describe('after a question', () => {
  test('nothing happens before its minutes are over, counted from when it was sent', () => {
    assert.deepEqual(decided('23T15:00'), ['23T15:01']);
    assert.deepEqual(decided('23T15:01'), ['ladder push 1440 emitted', '23T19:01']);
    assert.deepEqual(decided('23T19:01', { decided: [ASKED, went('ladder push 1440')] }), [
      'ladder call 1440 emitted',
      undefined,
    ]);
    assert.deepEqual(decided('23T20:00', { decided: [ASKED, went('ladder push 1440'), went('ladder call 1440')] }), [
      undefined,
    ]);
  });

  test('of two steps that are overdue only the call goes', () => {
    assert.deepEqual(decided('23T23:00'), ['ladder push 1440 nearer_reminder', 'ladder call 1440 emitted', undefined]);
  });

  test('nobody is reminded by Web Push once the admins were told to call, as other minutes may ask', () => {
    assert.deepEqual(decided('23T16:00', { decided: [ASKED, went('ladder call 1440')] }), [
      'ladder push 1440 nearer_reminder',
      undefined,
    ]);
  });

  test('the client is asked by what they alone had before their quiet hours, not by what another had', () => {
    const early = { ...went('1440 early 57'), decided_at: at('23T09:00') };
    for (const all of [[early], [early, ASKED], [ASKED, early]])
      assert.deepEqual(decided('23T15:00', { decided: all }), ['ladder push 1440 emitted', '23T19:00']);
    assert.deepEqual(decided('23T23:00', { decided: [went('1440 early 58')] }), [undefined]);
    assert.deepEqual(decided('23T23:00', { decided: [went('120 early 57')] }), [undefined]);
  });

  test('the minutes count from when the question was due, by the clock of the venue, where it went before', () => {
    const ask = { evening_before: '19:00' };
    const key = 'evening_before 19:00';
    const early = { ...went(`${key} early 57`), decided_at: at('23T09:00') };
    const given = { ladder: { ...LADDER, ask }, decided: [early] };
    assert.deepEqual(decided('23T19:00', given), ['23T23:00']);
    assert.deepEqual(decided('23T19:00', { ...given, booking: { time_zone: 'Europe/Moscow' } }), ['23T20:00']);
    const late = { ...went(key), decided_at: at('23T19:30') };
    assert.deepEqual(decided('23T20:00', { ...given, decided: [late] }), ['23T23:30']);
  });

  test('nothing follows where the client had the reminder early as a plain one', () => {
    const early = { ...went('1440 early 57'), decided_at: at('23T09:00') };
    assert.deepEqual(decided('23T23:00', { ladder: { ...LADDER, since: at('23T10:00') }, decided: [early, ASKED] }), [
      undefined,
    ]);
  });

  test('nobody is bothered once the client has confirmed, or is erased, or the booking has begun', () => {
    const confirmed = { confirmed_starts_at: at('24T11:00') };
    assert.deepEqual(decided('23T15:01', { booking: confirmed }), ['ladder push 1440 confirmed', '23T19:01']);
    assert.deepEqual(
      decided('23T15:01', { booking: { confirmed_starts_at: at('24T10:00') } })[0],
      'ladder push 1440 emitted',
    );
    assert.deepEqual(decided('23T15:01', { isClientErased: true }), ['ladder push 1440 client_erased', '23T19:01']);
    assert.deepEqual(decided('24T11:00'), ['ladder push 1440 too_late', 'ladder call 1440 too_late', undefined]);
    for (const status of ['cancelled', 'completed', 'no_show'])
      assert.deepEqual(decided('23T15:01', { booking: { status } }), [undefined]);
  });

  test('a step that the company leaves out is left out', () => {
    assert.deepEqual(decided('23T23:00', { ladder: { ...LADDER, call_after_min: null } }), [
      'ladder push 1440 emitted',
      undefined,
    ]);
    assert.deepEqual(decided('23T12:00', { ladder: { ...LADDER, push_after_min: null } }), ['23T19:01']);
    assert.deepEqual(decided('23T23:00', { ladder: null }), [undefined]);
  });
});

describe('nothing follows', () => {
  test('a reminder that was not sent, or that was sent before the company asked with it', () => {
    assert.deepEqual(decided('23T23:00', { decided: [] }), [undefined]);
    assert.deepEqual(decided('23T23:00', { decided: [{ ...ASKED, state: 'skipped', reason: 'nearer_reminder' }] }), [
      undefined,
    ]);
    assert.deepEqual(decided('23T23:00', { ladder: { ...LADDER, since: at('23T11:02') } }), [undefined]);
    assert.deepEqual(decided('23T23:00', { ladder: { ...LADDER, ask: 120 } }), [undefined]);
  });
});

test('a step is told from a reminder by its key, whatever asked', () => {
  assert.equal(stepOf('1440'), null);
  assert.equal(stepOf('evening_before 19:00'), null);
  assert.deepEqual(stepOf('ladder push 1440'), { step: 'push', offset: 1440, only_user: null });
  assert.deepEqual(stepOf('ladder call evening_before 19:00'), {
    step: 'call',
    offset: { evening_before: '19:00' },
    only_user: null,
  });
});
