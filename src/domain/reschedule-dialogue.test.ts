import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type AskingState,
  type DialogueEvent,
  type DialogueState,
  dayOf,
  dialogueBounds,
  firstState,
  settle,
  step,
  TIMES_PER_PAGE,
} from './reschedule-dialogue.ts';
import { addDays, daysOf, isCalendarDate } from './venue-clock.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const booking = { starts_at: new Date('2026-11-24T11:00:00Z'), time_zone: 'Europe/Moscow' };
const bounds = dialogueBounds(booking, NOW);
const FREE = '2026-12-01T09:00:00.000Z';

const november: DialogueState = { kind: 'choosing_day', month: '2026-11' };
const february: DialogueState = { kind: 'choosing_day', month: '2027-02' };
const first: DialogueState = { kind: 'choosing_time', date: '2026-12-01', page: 0 };
const asked: DialogueState = { kind: 'confirming', starts_at: FREE };
const menu: DialogueState = { kind: 'closed', to: 'menu' };
const shown: DialogueState = { kind: 'closed', to: 'booking' };
const done: DialogueState = { kind: 'done' };

describe('the dialogue', () => {
  const day = (date: string): DialogueEvent => ({ kind: 'day', date });
  const time = (starts_at: string): DialogueEvent => ({ kind: 'time', starts_at });
  const table: [string, DialogueState, DialogueEvent, DialogueState | null][] = [
    ['goes from a day to its times', november, day('2026-12-01'), first],
    ['takes a day of today', november, day('2026-11-23'), { ...first, date: '2026-11-23' }],
    ['takes no past day', november, day('2026-11-22'), null],
    ['takes no day beyond the last month', february, day('2027-03-01'), null],
    ['takes no day that does not exist', november, day('9999-99-99'), null],
    ['takes no day of the wrong shape', november, day('2026-12'), null],
    ['turns to the next month', november, { kind: 'next' }, { kind: 'choosing_day', month: '2026-12' }],
    ['turns over the year', { ...november, month: '2026-12' }, { kind: 'next' }, { ...november, month: '2027-01' }],
    ['turns no further than the last month', february, { kind: 'next' }, february],
    ['turns back', february, { kind: 'prev' }, { ...february, month: '2027-01' }],
    ['turns back no further than the present month', november, { kind: 'prev' }, november],
    ['goes from a time to the question', first, time(FREE), asked],
    ['takes no time of another day', first, time('2026-12-01T21:00:00Z'), null],
    [
      'takes a time by the day of the venue',
      first,
      time('2026-11-30T21:00:00Z'),
      { ...asked, starts_at: '2026-11-30T21:00:00Z' },
    ],
    ['takes no time that is none', first, time('soon'), null],
    ['turns the pages of times', first, { kind: 'next' }, { ...first, page: 1 }],
    ['turns them back', { ...first, page: 1 }, { kind: 'prev' }, first],
    ['has no page before the first', first, { kind: 'prev' }, first],
    ['ends when it is confirmed', asked, { kind: 'confirm' }, done],
    ['goes back from the question to the times', asked, { kind: 'back' }, first],
    ['goes back from the times to the month', first, { kind: 'back' }, { kind: 'choosing_day', month: '2026-12' }],
    ['goes back from the days to the menu', november, { kind: 'back' }, menu],
    ['takes a second tap on the day for the first', first, day('2026-12-01'), first],
    ['takes a second tap on the time for the first', asked, time('2026-12-01T12:00:00+03:00'), asked],
    ['takes no other day while it asks for a time', first, day('2026-12-02'), null],
    ['takes no other time at the question', asked, time('2026-12-01T10:00:00Z'), null],
    ['takes no day at the question', asked, day('2026-12-01'), null],
    ['turns no page at the question', asked, { kind: 'next' }, null],
    ['confirms no day', november, { kind: 'confirm' }, null],
    ['confirms no page of times', first, { kind: 'confirm' }, null],
    ['takes no time before a day', november, time(FREE), null],
  ];
  for (const [behaviour, state, event, expected] of table)
    test(behaviour, () => assert.deepEqual(step(state, event, bounds), expected));

  for (const state of [november, first, asked]) {
    for (const kind of ['cancel', 'timeout', 'booking_changed'] as const)
      test(`is closed by ${kind} while ${state.kind}`, () => assert.deepEqual(step(state, { kind }, bounds), shown));
    test(`does nothing at a label while ${state.kind}`, () =>
      assert.deepEqual(step(state, { kind: 'noop' }, bounds), state));
  }
});

test('begins with the month of the booking, and reaches the month after it however far it is', () => {
  const far = { starts_at: new Date('2028-05-31T22:00:00Z'), time_zone: 'Europe/Moscow' };
  assert.deepEqual(firstState(far), { kind: 'choosing_day', month: '2028-06' });
  assert.deepEqual(dialogueBounds(far, NOW), { time_zone: 'Europe/Moscow', today: '2026-11-23', lastMonth: '2028-07' });
  assert.equal(bounds.lastMonth, '2027-02');
});

describe('what is no longer free', () => {
  const timesOn = (count: number) =>
    Array.from({ length: count }, (_, index) => new Date(Date.parse(FREE) + index * 1_800_000));

  test('is asked again: the time, or the day when it has none left', () => {
    assert.deepEqual(settle(asked as AskingState, timesOn(1), bounds), { state: asked, because: null });
    assert.deepEqual(settle(asked as AskingState, timesOn(2).slice(1), bounds), {
      state: first,
      because: 'time_taken',
    });
    const december = { kind: 'choosing_day', month: '2026-12' };
    assert.deepEqual(settle(asked as AskingState, [], bounds), { state: december, because: 'day_full' });
    assert.deepEqual(settle(first as AskingState, [], bounds), { state: december, because: 'day_full' });
  });

  test('leaves no page empty', () => {
    const page = (number: number): AskingState => ({ kind: 'choosing_time', date: '2026-12-01', page: number });
    for (const [count, asked, given] of [
      [1, 9, 0],
      [TIMES_PER_PAGE, 1, 0],
      [TIMES_PER_PAGE + 1, 1, 1],
      [50, 99, 2],
    ] as const)
      assert.deepEqual(settle(page(asked), timesOn(count), bounds).state, page(given));
  });
});

describe('on any path', () => {
  const dates = fc.oneof(
    fc.integer({ min: -3, max: 130 }).map((days) => addDays(bounds.today, days)),
    fc.constantFrom('9999-99-99', '2026-02-30', '', '9999-12-31', '0000-01-01'),
  );
  const instants = fc.oneof(
    fc.tuple(fc.integer({ min: -3, max: 130 }), fc.integer({ min: 0, max: 47 })).map(([days, half]) => {
      return new Date(Date.parse(bounds.today) + days * 86_400_000 + half * 1_800_000).toISOString();
    }),
    fc.constantFrom('soon', '', '9999-99-99T00:00Z'),
  );
  const events: fc.Arbitrary<DialogueEvent> = fc.oneof(
    dates.map((date) => ({ kind: 'day' as const, date })),
    instants.map((starts_at) => ({ kind: 'time' as const, starts_at })),
    fc
      .constantFrom('confirm', 'back', 'cancel', 'prev', 'next', 'noop', 'timeout', 'booking_changed')
      .map((kind) => ({ kind }) as DialogueEvent),
  );
  /** Half the days are free, each at the half hours of its noon. */
  const timesOf = (date: string): Date[] =>
    Number(date.slice(-2)) % 2 === 0
      ? []
      : [Date.parse(`${date}T09:00:00Z`), Date.parse(`${date}T09:30:00Z`)].map((at) => new Date(at));
  const isAsking = (state: DialogueState): state is AskingState => state.kind !== 'closed' && state.kind !== 'done';

  function check(state: DialogueState): void {
    if (state.kind === 'choosing_day') assert.ok(state.month >= '2026-11' && state.month <= bounds.lastMonth);
    if (state.kind === 'choosing_time')
      assert.ok(isCalendarDate(state.date) && timesOf(state.date).length > 0 && state.page === 0);
    if (state.kind === 'confirming') {
      const date = dayOf(state, bounds) ?? '';
      assert.ok(timesOf(date).some((time) => time.getTime() === Date.parse(state.starts_at)));
    }
  }

  /** A press that leads on, as people press them: random ones seldom fit. */
  const onward = fc.integer({ min: 0, max: 9 });
  const paths = fc.array(fc.oneof(events, { arbitrary: onward, weight: 3 }), { maxLength: 30 });

  function onwardFrom(state: DialogueState, pick: number): DialogueEvent {
    if (state.kind === 'choosing_day') {
      const days = daysOf(state.month).filter((date) => date > bounds.today && timesOf(date).length > 0);
      return { kind: 'day', date: days[pick] ?? days.at(-1) ?? '' };
    }
    if (state.kind !== 'choosing_time') return { kind: 'confirm' };
    return { kind: 'time', starts_at: timesOf(state.date)[pick % 2]?.toISOString() ?? '' };
  }

  /** All states that the path leads through, each in line with what is free. */
  function walk(path: readonly (DialogueEvent | number)[]): DialogueState[] {
    let state: DialogueState = firstState(booking);
    return path.map((turn) => {
      const next = step(state, typeof turn === 'number' ? onwardFrom(state, turn) : turn, bounds);
      if (next && isAsking(next)) {
        const day = dayOf(next, bounds);
        state = settle(next, day === null ? [] : timesOf(day), bounds).state;
      } else if (next) state = next;
      return state;
    });
  }

  test('the dialogue stays in its states, and offers only what is free', () => {
    fc.assert(fc.property(paths, (path) => walk(path).forEach(check)));
  });

  test('nothing leads out of an end', () => {
    fc.assert(
      fc.property(paths, events, (path, event) => {
        const state = walk(path).at(-1) ?? firstState(booking);
        if (!isAsking(state)) assert.equal(step(state, event, bounds), null);
      }),
    );
  });

  test('people get to every state', () => {
    const reached = new Set(
      fc
        .sample(paths, { numRuns: 200, seed: 1 })
        .flatMap(walk)
        .map(({ kind }) => kind),
    );
    assert.deepEqual([...reached].sort(), ['choosing_day', 'choosing_time', 'closed', 'confirming', 'done']);
  });

  test('it ends with a change only after the question', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const states = walk(path);
        const end = states.findIndex((state) => state.kind === 'done');
        if (end >= 0) assert.equal(states[end - 1]?.kind, 'confirming');
      }),
    );
  });

  test('going back leads to the menu in three steps at most, each undoing one choice', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const order = ['confirming', 'choosing_time', 'choosing_day', 'closed'];
        let state: DialogueState | null = walk(path).at(-1) ?? firstState(booking);
        if (!isAsking(state)) return;
        while (state && isAsking(state)) {
          const before: DialogueState = state;
          state = step(state, { kind: 'back' }, bounds);
          assert.equal(order.indexOf(state?.kind ?? ''), order.indexOf(before.kind) + 1);
          if (!isAsking(before) || !state || !isAsking(state)) continue;
          if (state.kind === 'choosing_day') assert.equal(state.month, dayOf(before, bounds)?.slice(0, 7));
          else assert.equal(dayOf(state, bounds), dayOf(before, bounds));
        }
        assert.deepEqual(state, menu);
      }),
    );
  });
});
