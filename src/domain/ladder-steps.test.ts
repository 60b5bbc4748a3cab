import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Decided, decideLadder, type LadderCase, stepOf } from './ladder-steps.ts';

const at = (text: string) => new Date(`2026-11-${text}:00.000Z`);
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480, since: at('01T00:00') };
const CLIENT = 57;
const AWAKE: LadderCase['client'] = { quiet_hours: { broadcasts: null, messages: null }, time_zone: 'UTC' };
const asleep = (from: string, to: string, time_zone = 'UTC'): LadderCase['client'] => ({
  quiet_hours: { broadcasts: null, messages: { from, to } },
  time_zone,
});
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
    confirmed_starts_at: null,
  };
  const booking = { ...standing, ...given.booking };
  const { decisions, next } = decideLadder({
    ladder: LADDER,
    client_id: CLIENT,
    client: AWAKE,
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
      assert.deepEqual(decided('23T13:00', { decided: all }), ['ladder push 1440 emitted', '23T17:00']);
    assert.deepEqual(decided('23T23:00', { decided: [went('1440 early 58')] }), [undefined]);
    assert.deepEqual(decided('23T23:00', { decided: [went('120 early 57')] }), [undefined]);
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

describe('in the quiet hours of the client', () => {
  test('a step waits until they end, by the clock of the client', () => {
    assert.deepEqual(decided('23T14:59', { client: asleep('15:00', '17:00') }), ['23T17:00']);
    assert.deepEqual(decided('23T15:01', { client: asleep('15:00', '17:00') }), ['23T17:00']);
    assert.deepEqual(decided('23T17:00', { client: asleep('15:00', '17:00') }), [
      'ladder push 1440 emitted',
      '23T19:01',
    ]);
    assert.deepEqual(decided('23T15:01', { client: asleep('15:00', '17:00', 'Europe/Moscow') }), [
      'ladder push 1440 emitted',
      '23T19:01',
    ]);
    assert.deepEqual(decided('23T12:00', { client: asleep('18:00', '20:00', 'Europe/Moscow') }), ['23T17:00']);
  });

  test('both steps wait for the same morning, where only the call goes', () => {
    const client = asleep('14:00', '06:00');
    assert.deepEqual(decided('23T19:01', { client }), ['24T06:00']);
    assert.deepEqual(decided('24T06:00', { client }), [
      'ladder push 1440 nearer_reminder',
      'ladder call 1440 emitted',
      undefined,
    ]);
  });

  test('what became overdue while nobody looked waits as well', () => {
    const client = asleep('22:00', '06:00');
    assert.deepEqual(decided('23T23:00', { client }), ['24T06:00']);
    assert.deepEqual(decided('23T21:59', { client })[1], 'ladder call 1440 emitted');
  });

  test('a step for which the night leaves no time does not go', () => {
    const client = asleep('14:00', '12:00');
    assert.deepEqual(decided('24T10:00', { client }), ['24T12:00']);
    assert.deepEqual(decided('24T12:00', { client }), [
      'ladder push 1440 too_late',
      'ladder call 1440 too_late',
      undefined,
    ]);
  });

  test('ads may be unwelcome without a step waiting for that', () => {
    const client = { ...AWAKE, quiet_hours: { broadcasts: { from: '15:00', to: '17:00' }, messages: null } };
    assert.equal(decided('23T15:01', { client })[0], 'ladder push 1440 emitted');
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
