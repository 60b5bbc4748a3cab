import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideReminders, isKept, outdoneFor, type ReminderCase } from './reminders.ts';

const at = (text: string) => new Date(`2026-11-${text}:00.000Z`);
const LONG_AGO = at('01T00:00');
const NIGHT = { broadcasts: null, messages: { from: '22:00', to: '08:00' } };
const CLIENT = 1;
const SPECIALIST = 2;
const person = (user_id: number) => ({ user_id, quiet_hours: NIGHT, time_zone: 'UTC' });

/** A booking at nine in the morning, of which is reminded at one and at three in the night; both its people sleep. */
const GIVEN: Omit<ReminderCase, 'now'> = {
  rules: [480, 360].map((offset) => ({ offset, since: LONG_AGO })),
  booking: { status: 'created', starts_at: at('24T09:00'), time_zone: 'UTC', start_set_at: LONG_AGO },
  readers: [person(CLIENT), person(SPECIALIST)],
  decided: [],
  question: { user_id: CLIENT, offset: 480 },
};

/** Somebody looks at these moments: what is decided, and what reaches whom, each at once. */
function played(moments: readonly string[], given = GIVEN) {
  const decided = [...given.decided];
  const told = moments.flatMap((moment) => {
    const now = at(moment);
    const { decisions } = decideReminders({ ...given, decided, now });
    decided.push(...decisions.filter(isKept));
    return decisions
      .filter(({ state }) => state === 'emitted')
      .flatMap(({ offset, only_user }) =>
        [CLIENT, SPECIALIST]
          .filter((user) => only_user === null || only_user === user)
          .filter((user) => !outdoneFor(user, { offset, isEarly: only_user !== null }, { ...given, decided, now }))
          .map((user) => `${moment} ${offset} ${user === CLIENT ? 'client' : 'specialist'}`),
      );
  });
  return { told, decided };
}

const told = (moments: readonly string[], given = GIVEN): string[] => played(moments, given).told;

const LOOKS = ['23T21:50', '24T01:00', '24T03:00'];

describe('of two reminders that fall into one night', () => {
  test('the one that asks the client goes early to them, and the nearer one to the others; neither goes at night', () => {
    assert.deepEqual(told(LOOKS), ['23T21:50 480 client', '23T21:50 360 specialist']);
    const nearerAsks = { ...GIVEN, question: { user_id: CLIENT, offset: 360 } };
    assert.deepEqual(told(LOOKS, nearerAsks), ['23T21:50 360 client', '23T21:50 360 specialist']);
    assert.deepEqual(told(LOOKS, { ...GIVEN, question: null }), ['23T21:50 360 client', '23T21:50 360 specialist']);
  });

  test('the early one still goes when it is held up until both are due', () => {
    const then = { ...GIVEN, decided: played(LOOKS).decided, now: at('24T03:01') };
    const fate = (offset: number, isEarly: boolean, given: ReminderCase = then) =>
      outdoneFor(CLIENT, { offset, isEarly }, given);
    assert.deepEqual([fate(480, true), fate(480, false), fate(360, false)], [null, 'nearer_reminder', 'sent_early']);
    const unheard = { ...then, unheard: ['480 early 1'] };
    assert.deepEqual([fate(480, false, unheard), fate(360, false, unheard)], ['nearer_reminder', null]);
  });

  test('the question goes at its own time where only the other one could go early', () => {
    const rules = [
      { offset: 480, since: at('23T21:55') },
      { offset: 360, since: LONG_AGO },
    ];
    assert.deepEqual(told(LOOKS, { ...GIVEN, rules }), [
      '23T21:50 360 client',
      '23T21:50 360 specialist',
      '24T01:00 480 client',
    ]);
  });
});

test('what was early as a plain reminder does not keep the question from a client who is asked with another one since', () => {
  const early = decideReminders({ ...GIVEN, question: null, now: at(LOOKS[0] ?? '') }).decisions;
  const asked = { ...GIVEN, decided: early };
  assert.deepEqual(told(LOOKS.slice(1), asked), ['24T01:00 480 client']);
  assert.deepEqual(told(LOOKS.slice(1), { ...asked, question: { user_id: CLIENT, offset: 360 } }), []);
});
