import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { earlyKey, namedBy, offsetKey, type ReminderOffset, remindersSchema } from './reminder-offsets.ts';
import {
  type DecidedReminder,
  decideReminders,
  dueAt,
  isKept,
  nextReminder,
  outdoneFor,
  type ReminderCase,
  rulesWith,
} from './reminders.ts';

const EVENING: ReminderOffset = { evening_before: '19:00' };
const at = (text: string) => new Date(`${text}:00.000Z`);
const LONG_AGO = at('2026-01-01T00:00');
const rules = (...offsets: ReminderOffset[]) => offsets.map((offset) => ({ offset, since: LONG_AGO }));

/** A booking at 14:00 in Moscow on the 24th, made long ago, with reminders a day and two hours before. */
function given(now: string, change: Partial<Omit<ReminderCase, 'now' | 'booking'>> & { booking?: object } = {}) {
  const booking = { status: 'created', starts_at: at('2026-11-24T11:00'), time_zone: 'Europe/Moscow' } as const;
  return {
    rules: rules(1440, 120),
    decided: [],
    ...change,
    booking: { ...booking, start_set_at: LONG_AGO, ...change.booking },
    now: at(now),
  };
}

function outcome(reminderCase: ReminderCase) {
  const { decisions, next } = decideReminders(reminderCase);
  return {
    decided: Object.fromEntries(decisions.map(({ key, state, reason }) => [key, reason ?? state])),
    next: next?.toISOString().slice(0, 16) ?? null,
  };
}

const emitted = (key: string, due: string): DecidedReminder => ({
  ...{ key, due_at: at(due), state: 'emitted', reason: null },
});

describe('the time of a reminder', () => {
  const cases: [string, ReminderOffset, string, string, string][] = [
    ['is so many minutes before the start', 90, '2026-11-24T11:00', 'Europe/Moscow', '2026-11-24T09:30'],
    [
      'is 24 hours before it, whatever the clocks do in between',
      1440,
      '2026-10-25T11:00',
      'Europe/Berlin',
      '2026-10-24T11:00',
    ],
    [
      'is on the evening before by the clock of the venue',
      EVENING,
      '2026-11-24T11:00',
      'Europe/Moscow',
      '2026-11-23T16:00',
    ],
    [
      'is on the evening before the local date, not that of UTC',
      EVENING,
      '2026-11-24T22:30',
      'Asia/Tokyo',
      '2026-11-24T10:00',
    ],
    [
      'keeps to the clock on the wall when clocks go back',
      EVENING,
      '2026-10-25T11:00',
      'Europe/Berlin',
      '2026-10-24T17:00',
    ],
    ['keeps to it when they go forward', EVENING, '2026-03-29T11:00', 'Europe/Berlin', '2026-03-28T18:00'],
    [
      'is the moment of the change where its time is left out',
      { evening_before: '02:30' },
      '2026-03-30T11:00',
      'Europe/Berlin',
      '2026-03-29T01:00',
    ],
    [
      'is the first of two where its time comes twice',
      { evening_before: '02:30' },
      '2026-10-26T11:00',
      'Europe/Berlin',
      '2026-10-25T00:30',
    ],
  ];
  for (const [behaviour, offset, start, time_zone, due] of cases)
    test(behaviour, () =>
      assert.equal(dueAt(offset, { starts_at: at(start), time_zone }).toISOString(), at(due).toISOString()),
    );

  test('is never behind the start, and on the evening before shows that time or the next that there is', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/Havana', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC');
    const starts = fc.date({ min: at('2026-01-01T00:00'), max: at('2028-01-01T00:00'), noInvalidDate: true });
    const time = fc.integer({ min: 0, max: 1439 }).map((minutes) => {
      return DateTime.fromMillis(minutes * 60_000, { zone: 'UTC' }).toFormat('HH:mm');
    });
    fc.assert(
      fc.property(zones, starts, time, (zone, starts_at, evening_before) => {
        const due = dueAt({ evening_before }, { starts_at, time_zone: zone });
        const date = DateTime.fromJSDate(starts_at, { zone }).minus({ days: 1 }).toISODate();
        const shown = (moment: number) => DateTime.fromMillis(moment, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS");
        assert.ok(due <= starts_at);
        assert.ok(shown(due.getTime()) >= `${date}T${evening_before}`);
        assert.ok(shown(due.getTime() - 1) < `${date}T${evening_before}`);
      }),
    );
  });
});

describe('of the reminders of a booking', () => {
  const cases: [string, ReminderCase, ReturnType<typeof outcome>][] = [
    ['none goes before its time', given('2026-11-23T10:59'), { decided: {}, next: '2026-11-23T11:00' }],
    ['each goes when it is due', given('2026-11-23T11:00'), { decided: { 1440: 'emitted' }, next: '2026-11-24T09:00' }],
    [
      'each goes once',
      given('2026-11-23T12:00', { decided: [emitted('1440', '2026-11-23T11:00')] }),
      { decided: {}, next: '2026-11-24T09:00' },
    ],
    [
      'one that is overdue goes while it helps',
      given('2026-11-24T08:59'),
      { decided: { 1440: 'emitted' }, next: '2026-11-24T09:00' },
    ],
    [
      'the nearest goes where several are overdue',
      given('2026-11-24T10:00'),
      { decided: { 1440: 'nearer_reminder', 120: 'emitted' }, next: null },
    ],
    [
      'none goes once it has begun',
      given('2026-11-24T11:00'),
      { decided: { 1440: 'too_late', 120: 'too_late' }, next: null },
    ],
    [
      'those are left out that its start was set behind',
      given('2026-11-24T09:00', { booking: { start_set_at: at('2026-11-23T11:00') } }),
      { decided: { 1440: 'start_set_later', 120: 'emitted' }, next: null },
    ],
    [
      'one that the company asked for later is not made up for',
      given('2026-11-24T08:00', { rules: [{ offset: 1440, since: at('2026-11-23T11:00') }, ...rules(120)] }),
      { decided: { 1440: 'reminder_set_later' }, next: '2026-11-24T09:00' },
    ],
    [
      'one does not go behind a nearer one, though another zone made it overdue',
      given('2026-11-24T08:00', { rules: rules(EVENING, 1080), decided: [emitted('1080', '2026-11-23T17:00')] }),
      { decided: { 'evening_before 19:00': 'nearer_reminder' }, next: null },
    ],
    ...(['cancelled', 'completed', 'no_show'] as const).map(
      (status): [string, ReminderCase, ReturnType<typeof outcome>] => [
        `none goes when it is ${status}`,
        given('2026-11-24T10:00', { booking: { status } }),
        { decided: {}, next: null },
      ],
    ),
  ];
  for (const [behaviour, reminderCase, expected] of cases)
    test(behaviour, () => assert.deepEqual(outcome(reminderCase), expected));

  test('one at most goes at a time, and whatever is due is decided', () => {
    const offsets = fc.uniqueArray(fc.oneof(fc.integer({ min: 1, max: 43_200 }), fc.constant(EVENING)), {
      ...{ maxLength: 10, selector: offsetKey },
    });
    const hours = fc.integer({ min: -800, max: 800 });
    fc.assert(
      fc.property(offsets, hours, hours, (list, setHours, nowHours) => {
        const start = at('2026-06-15T11:00').getTime();
        const [start_set_at, now] = [setHours, nowHours].map((count) => new Date(start + count * 3_600_000)) as [
          Date,
          Date,
        ];
        const booking = { ...given('2026-06-15T11:00').booking, starts_at: new Date(start), start_set_at };
        const { decisions, next } = decideReminders({ rules: rules(...list), booking, decided: [], now });
        const goes = decisions.filter(({ state }) => state === 'emitted');
        assert.ok(goes.length <= 1);
        for (const { due_at } of goes) assert.ok(due_at <= now && due_at > start_set_at && now < booking.starts_at);
        const due = list.filter((offset) => dueAt(offset, booking) <= now);
        assert.deepEqual(
          decisions.map(({ key }) => key),
          due.map(offsetKey),
        );
        assert.deepEqual(next, nextReminder(rules(...list), booking, now));
      }),
    );
  });
});

describe('a decision', () => {
  const MADE_LATE = { time_zone: 'Asia/Tokyo', start_set_at: at('2026-11-23T12:00') };

  test('on what was set later is not kept, for it goes where another zone moves its time ahead', () => {
    const booking = { rules: rules(EVENING), booking: MADE_LATE };
    const before = decideReminders(given('2026-11-23T12:30', booking));
    assert.deepEqual(
      before.decisions.map(({ reason }) => reason),
      ['start_set_later'],
    );
    const decided = before.decisions.filter(isKept);
    assert.deepEqual(decided, []);
    const moved = { ...booking, decided, booking: { ...MADE_LATE, time_zone: 'Europe/Moscow' } };
    assert.deepEqual(outcome(given('2026-11-23T12:31', moved)).next, '2026-11-23T16:00');
    assert.deepEqual(outcome(given('2026-11-23T16:00', moved)).decided, { [offsetKey(EVENING)]: 'emitted' });
  });

  test('on all others is kept', () => {
    for (const now of ['2026-11-24T10:00', '2026-11-24T11:00'])
      assert.ok(decideReminders(given(now)).decisions.every(isKept));
  });

  test('cannot be made in a zone that this runtime does not know', () => {
    const gone = given('2026-11-24T10:00', { rules: rules(EVENING), booking: { time_zone: 'Europe/Gone' } });
    assert.throws(() => decideReminders(gone), RangeError);
  });
});

describe('a reminder that went', () => {
  const day = emitted('1440', '2026-11-23T11:00');
  const hours = emitted('120', '2026-11-24T09:00');
  const skipped: DecidedReminder = { ...hours, state: 'skipped', reason: 'nearer_reminder' };
  const cases: [string, ReminderOffset, string, Parameters<typeof given>[1], boolean][] = [
    ['is told while nothing nearer is due', 1440, '2026-11-24T08:59', { decided: [day] }, false],
    ['is outdone by one that is due and goes any moment', 1440, '2026-11-24T09:00', { decided: [day] }, true],
    ['is outdone by one that went', 1440, '2026-11-24T09:30', { decided: [day, hours] }, true],
    ['is not outdone by one that does not go', 1440, '2026-11-24T09:30', { decided: [day, skipped] }, false],
    ['is not outdone by one farther from the start', 120, '2026-11-24T09:30', { decided: [day, hours] }, false],
    [
      'is not outdone by one that its company asked for when it was past due',
      ...([1440, '2026-11-24T09:30'] as const),
      { decided: [day], rules: [...rules(1440), { offset: 120, since: at('2026-11-24T09:10') }] },
      false,
    ],
    ['is outdone though its company asks for it no more', 1440, '2026-11-24T09:30', { rules: rules(120) }, true],
  ];
  for (const [behaviour, offset, now, change, expected] of cases)
    test(behaviour, () =>
      assert.equal(outdoneFor(1, { offset, isEarly: false }, given(now, change)) !== null, expected),
    );
});

describe("a company's reminders", () => {
  test('keep since when they are asked for, and new ones begin now', () => {
    const now = at('2026-11-23T10:00');
    assert.deepEqual(rulesWith(rules(1440, EVENING), [60, { ...EVENING }], now), [
      { offset: 60, since: now },
      { offset: EVENING, since: LONG_AGO },
    ]);
  });

  test('are found by their keys', () => {
    for (const offset of [1, 43_200, EVENING]) {
      assert.deepEqual(namedBy(offsetKey(offset)), { offset, only_user: null });
      assert.deepEqual(namedBy(earlyKey(offsetKey(offset), 57)), { offset, only_user: 57 });
    }
  });

  test('are ten different ones at most, from a minute to thirty days, or a time of day', () => {
    for (const good of [[], [1, 43_200], [{ evening_before: '00:00' }, { evening_before: '23:59' }]])
      assert.ok(remindersSchema.safeParse(good).success, JSON.stringify(good));
    const bad: unknown[] = [
      ...[[0], [43_201], [-60], [1.5], ['60'], [null], [60, 60], [EVENING, { ...EVENING }], [[]], 60, null],
      ...[[{ evening_before: '24:00' }], [{ evening_before: '7:00' }], [{ evening_before: '19:00:00' }], [{}]],
      ...[[{ evening_before: '19:00', x: 1 }], [{ evening_before: 1140 }], Array.from({ length: 11 }, (_, n) => n + 1)],
    ];
    for (const each of bad) assert.equal(remindersSchema.safeParse(each).success, false, JSON.stringify(each));
  });
});
