import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RemindedReader } from './early-reminders.ts';
import { type QuietSpan, quietAt } from './quiet-hours.ts';
import { offsetKey } from './reminder-offsets.ts';
import { type DecidedReminder, decideReminders, dueAt, isKept, outdoneFor, type ReminderCase } from './reminders.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const at = (text: string) => new Date(`${text}:00.000Z`);
const LONG_AGO = at('2026-01-01T00:00');
const CLIENT = 1;
const SPECIALIST = 2;

const reader = (user_id: number, messages: QuietSpan | null): RemindedReader => ({
  ...{ user_id, quiet_hours: { broadcasts: null, messages }, time_zone: 'UTC' },
});
const NIGHT = { from: '22:00', to: '08:00' };

/** A booking at 07:00 in London on a winter morning, of which is reminded two hours before; the client sleeps until eight. */
function given(now: string, change: Partial<ReminderCase> = {}): ReminderCase {
  return {
    rules: [{ offset: 120, since: LONG_AGO }],
    booking: { status: 'created', starts_at: at('2026-11-24T07:00'), time_zone: 'UTC', start_set_at: LONG_AGO },
    readers: [reader(CLIENT, NIGHT), reader(SPECIALIST, null)],
    decided: [],
    ...change,
    now: at(now),
  };
}

function outcome(reminders: ReminderCase) {
  const { decisions, next } = decideReminders(reminders);
  return [
    Object.fromEntries(decisions.map(({ key, state, reason }) => [key, reason ?? state])),
    next?.toISOString().slice(0, 16) ?? null,
  ];
}

const sent = (key: string, due: string): DecidedReminder => ({
  ...{ key, due_at: at(due), state: 'emitted', reason: null },
});
const EARLY = sent('120 early 1', '2026-11-23T21:50');
const OWN_TIME = sent('120', '2026-11-24T05:00');

describe('a reminder that would fall into quiet hours', () => {
  const cases: [string, ReminderCase, unknown, string | null][] = [
    ['waits until shortly before these', given('2026-11-23T21:49'), {}, '2026-11-23T21:50'],
    ['goes then, to that person alone', given('2026-11-23T21:50'), { '120 early 1': 'emitted' }, '2026-11-24T05:00'],
    ['goes to the others at its time', given('2026-11-24T05:00', { decided: [EARLY] }), { 120: 'emitted' }, null],
    [
      'waits for its time when the quiet hours have begun before anybody looked',
      given('2026-11-23T22:00'),
      {},
      '2026-11-24T05:00',
    ],
    [
      'goes at its time of a booking made after that',
      given('2026-11-23T21:55', {
        booking: { ...given('2026-11-23T21:55').booking, start_set_at: at('2026-11-23T21:50') },
      }),
      {},
      '2026-11-24T05:00',
    ],
    [
      'is told once of two that fall into one night',
      given('2026-11-23T21:50', { rules: [480, 120].map((offset) => ({ offset, since: LONG_AGO })) }),
      { '120 early 1': 'emitted', '480 early 1': 'nearer_reminder' },
      '2026-11-23T23:00',
    ],
  ];
  for (const [behaviour, reminders, decisions, next] of cases)
    test(behaviour, () => assert.deepEqual(outcome(reminders), [decisions, next]));

  test('is not told a second time at its own time, and by nobody’s but the one who heard it', () => {
    const after = given('2026-11-24T05:00', { decided: [EARLY, OWN_TIME] });
    const fate = (user: number, isEarly: boolean) => outdoneFor(user, { offset: 120, isEarly }, after);
    assert.deepEqual([fate(CLIENT, false), fate(SPECIALIST, false)], ['sent_early', null]);
    // Held up until then it still goes.
    assert.equal(fate(CLIENT, true), null);
  });

  test('is told at its own time to whom the early one did not reach', () => {
    const after = given('2026-11-24T05:00', { decided: [EARLY, OWN_TIME], unheard: [EARLY.key] });
    assert.equal(outdoneFor(CLIENT, { offset: 120, isEarly: false }, after), null);
  });

  test('does not go early any more once it went, though another zone puts its time off into the night', () => {
    const offset = { evening_before: '19:00' };
    const moved = given('2026-11-23T21:50', {
      rules: [{ offset, since: LONG_AGO }],
      booking: { ...given('2026-11-23T21:50').booking, time_zone: 'America/New_York' },
    });
    const key = offsetKey(offset);
    assert.deepEqual(outcome(moved), [{ [`${key} early 1`]: 'emitted' }, '2026-11-24T00:00']);
    assert.deepEqual(outcome({ ...moved, decided: [sent(key, '2026-11-23T19:00')] }), [{}, null]);
  });

  test('gives way to one that is nearer to the start', () => {
    const rules = [480, 120].map((offset) => ({ offset, since: LONG_AGO }));
    const late = given('2026-11-24T05:00', {
      rules,
      decided: [sent('480 early 1', '2026-11-23T21:50'), sent('480', '2026-11-23T23:00')],
    });
    assert.equal(outdoneFor(CLIENT, { offset: 480, isEarly: true }, late), 'nearer_reminder');
    const early = { ...late, decided: [sent('480', '2026-11-23T23:00'), EARLY] };
    assert.equal(
      outdoneFor(CLIENT, { offset: 480, isEarly: false }, { ...early, now: at('2026-11-23T23:00') }),
      'sent_early',
    );
  });
});

const time = fc.nat(24 * 4 - 1).map((quarter) => {
  const [hours, minutes] = [Math.floor(quarter / 4), (quarter % 4) * 15];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
});
const span = fc.option(fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to));
const step = fc.record({
  minutes: fc.integer({ min: 1, max: 600 }),
  /** Other quiet hours from then on; absent: the same. */
  hours: fc.option(span, { freq: 4, nil: undefined }),
});

test('whatever their quiet hours, and whenever these change, nobody is told twice, nor not at all', () => {
  let early = 0;
  const history = fc.record({
    offsets: fc.uniqueArray(fc.integer({ min: 1, max: 2880 }), { minLength: 1, maxLength: 3 }),
    hours: span,
    steps: fc.array(step, { minLength: 5, maxLength: 60 }),
  });
  fc.assert(
    fc.property(history, ({ offsets, hours, steps }) => {
      const rules = offsets.map((offset) => ({ offset, since: LONG_AGO }));
      const starts_at = at('2026-03-29T12:00');
      const booking = { status: 'created' as const, starts_at, time_zone: 'Europe/Berlin', start_set_at: LONG_AGO };
      const decided: DecidedReminder[] = [];
      /** For which offsets each was told, with the moment. */
      const told: { offset: number; at: Date; isEarly: boolean; quietThen: boolean }[] = [];
      let now = new Date(starts_at.getTime() - 73 * HOUR_MS);
      let mine: RemindedReader = { ...reader(CLIENT, hours), time_zone: 'America/New_York' };
      const look = () => {
        const reminders = { rules, booking, decided, readers: [mine], now };
        const { decisions } = decideReminders(reminders);
        decided.push(...decisions.filter(isKept));
        for (const { state, offset, only_user } of decisions) {
          if (state !== 'emitted' || typeof offset !== 'number') continue;
          const isEarly = only_user !== null;
          if (outdoneFor(CLIENT, { offset, isEarly }, { ...reminders, decided })) continue;
          told.push({ offset, at: now, isEarly, quietThen: quietAt(mine, 'messages', now) !== null });
        }
      };
      for (const { minutes, hours: changed } of steps) {
        // Every minute, as the scheduler looks when something is due.
        for (let minute = 0; minute < minutes && now < starts_at; minute += 1) {
          look();
          now = new Date(now.getTime() + MINUTE_MS);
        }
        if (changed !== undefined) mine = { ...mine, ...reader(CLIENT, changed), time_zone: mine.time_zone };
      }
      for (const one of told) if (one.isEarly) assert.equal(one.quietThen, false, 'early, yet in quiet hours');
      early += told.filter(({ isEarly }) => isEarly).length;
      const offsetsTold = told.map(({ offset }) => offset);
      assert.equal(new Set(offsetsTold).size, offsetsTold.length, 'the same twice');
      for (const offset of offsets) {
        const due = dueAt(offset, booking);
        if (due >= now) continue;
        const nearerOrSame = told.some((one) => one.offset <= offset && one.at <= due);
        const atItsTime = told.some((one) => one.offset === offset);
        assert.ok(nearerOrSame || atItsTime, `${offsetKey(offset)} was told to nobody`);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(early > 10, `${early} early ones`);
});

const ZONES = ['Europe/Moscow', 'UTC', 'America/New_York', 'Asia/Tokyo', 'Pacific/Kiritimati'];

test('whatever zones the venue and the person change to, nobody is told the same of one start twice', () => {
  let changedAfterSend = 0;
  const change = fc.record({
    minutes: fc.integer({ min: 1, max: 900 }),
    venue: fc.constantFrom(...ZONES),
    mine: fc.constantFrom(...ZONES),
  });
  const history = fc.record({
    rules: fc.uniqueArray(
      fc.oneof(
        fc.integer({ min: 1, max: 2880 }),
        time.map((evening_before) => ({ evening_before })),
      ),
      { minLength: 1, maxLength: 3, selector: offsetKey },
    ),
    hours: span,
    changes: fc.array(change, { minLength: 3, maxLength: 10 }),
  });
  fc.assert(
    fc.property(history, ({ rules: offsets, hours, changes }) => {
      const rules = offsets.map((offset) => ({ offset, since: LONG_AGO }));
      const starts_at = at('2026-11-24T12:00');
      const decided: DecidedReminder[] = [];
      const told: string[] = [];
      let now = new Date(starts_at.getTime() - 60 * HOUR_MS);
      for (const { minutes, venue, mine } of changes) {
        if (told.length > 0) changedAfterSend += 1;
        const booking = { status: 'created' as const, starts_at, time_zone: venue, start_set_at: LONG_AGO };
        const until = new Date(now.getTime() + minutes * MINUTE_MS);
        // At each moment at which the scheduler looks.
        for (let at: Date | null = now; at && at < until; ) {
          const reminders = {
            rules,
            booking,
            decided,
            readers: [{ ...reader(CLIENT, hours), time_zone: mine }],
            now: at,
          };
          const { decisions, next } = decideReminders(reminders);
          decided.push(...decisions.filter(isKept));
          for (const { state, offset, only_user } of decisions) {
            const isEarly = only_user !== null;
            if (state === 'emitted' && !outdoneFor(CLIENT, { offset, isEarly }, { ...reminders, decided }))
              told.push(offsetKey(offset));
          }
          at = next;
        }
        now = until;
      }
      assert.equal(new Set(told).size, told.length, `told ${told.join(', ')}`);
      const went = decided.some(({ state }) => state === 'emitted');
      assert.equal(told.length > 0, went, 'what went was told');
    }),
    { numRuns: 300 },
  );
  assert.ok(changedAfterSend > 50, `${changedAfterSend} changes`);
});
