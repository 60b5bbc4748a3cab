import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { intervalsOverlap } from './bookings.ts';
import { freeTimes, hasFreeTime } from './free-times.ts';
import { addDays } from './venue-clock.ts';
import { openDay, WEEKDAYS, type WorkingDay, workingHoursSchema } from './working-hours.ts';

const everyDay = (day: Partial<WorkingDay>, days_off: string[] = []) =>
  workingHoursSchema.parse({ weekly: Object.fromEntries(WEEKDAYS.map((weekday) => [weekday, day])), days_off });
const DAY = '2026-11-24';
const LATEST = new Date('2036-11-23T00:00:00Z');

/** In UTC, on the day, unless said. */
function timesOf(
  given: Partial<Parameters<typeof freeTimes>[0]> & { from?: string; to?: string; breaks?: [string, string][] },
) {
  const { from = '10:00', to = '13:00', breaks = [], ...rest } = given;
  const hours = everyDay({ from, to, breaks: breaks.map(([from, to]) => ({ from, to })) });
  const question = {
    hours,
    time_zone: 'UTC',
    date: DAY,
    busy: [],
    duration_min: 60,
    now: new Date('2026-11-23T09:00:00Z'),
    latest: LATEST,
    ...rest,
  };
  const times = freeTimes(question);
  assert.equal(hasFreeTime(question), times.length > 0);
  return times.map((time) => time.toISOString().slice(11, 16));
}

const busyFrom = (from: string, to: string) => [
  { starts_at: new Date(`${DAY}T${from}:00Z`), ends_at: new Date(`${DAY}T${to}:00Z`) },
];

describe('the free times of a day', () => {
  test('come every half an hour from the opening hour, and end with the working day', () => {
    assert.deepEqual(timesOf({}), ['10:00', '10:30', '11:00', '11:30', '12:00']);
    assert.deepEqual(timesOf({ from: '10:10', to: '11:50' }), ['10:10', '10:40']);
  });

  test('look at what is busy on other days once, not for each time', () => {
    let looks = 0;
    const elsewhere = {
      get starts_at() {
        looks += 1;
        return new Date('2026-12-01T10:00:00Z');
      },
      ends_at: new Date('2026-12-01T11:00:00Z'),
    };
    const question = { hours: everyDay({ from: '10:00', to: '20:00' }), time_zone: 'UTC', date: DAY };
    const moments = { now: new Date('2026-11-23T09:00:00Z'), latest: LATEST };
    assert.equal(freeTimes({ ...question, ...moments, busy: [elsewhere], duration_min: 60 }).length, 19);
    assert.equal(looks, 1);
  });

  const table: [string, Parameters<typeof timesOf>[0], string[]][] = [
    ['leave a break out', { breaks: [['11:00', '11:30']] }, ['10:00', '11:30', '12:00']],
    ['leave a booking out, and may touch it', { busy: busyFrom('11:00', '12:00') }, ['10:00', '12:00']],
    ['leave out what a booking of odd minutes cuts', { busy: busyFrom('10:50', '11:05') }, ['11:30', '12:00']],
    ['leave out what began the day before', { busy: busyFrom('00:00', '11:15') }, ['11:30', '12:00']],
    ['are later than now', { now: new Date(`${DAY}T11:00:00Z`) }, ['11:30', '12:00']],
    ['are none after closing', { now: new Date(`${DAY}T13:00:00Z`) }, []],
    ['are none on a past day', { now: new Date('2026-11-25T00:00:00Z') }, []],
    ['are none later than a booking may be', { latest: new Date(`${DAY}T10:30:00Z`) }, ['10:00', '10:30']],
    ['are none for what lasts longer than the day', { duration_min: 181 }, []],
    ['are one for what lasts the whole day', { duration_min: 180 }, ['10:00']],
    ['are none on a full day', { busy: busyFrom('09:00', '18:00') }, []],
    ['are none on a day off', { hours: everyDay({ from: '10:00', to: '13:00' }, [DAY]) }, []],
  ];
  for (const [behaviour, given, expected] of table) test(behaviour, () => assert.deepEqual(timesOf(given), expected));

  test('of the night in which the clocks go back hold the repeated hour twice', () => {
    const night = { from: '01:00', to: '04:00', time_zone: 'Europe/Berlin', date: '2026-10-25', now: new Date(0) };
    assert.deepEqual(timesOf(night), ['23:00', '23:30', '00:00', '00:30', '01:00', '01:30', '02:00']);
  });

  test('of the night in which they go forward lack the hour left out', () => {
    const night = { from: '01:00', to: '04:00', time_zone: 'Europe/Berlin', date: '2026-03-29', now: new Date(0) };
    assert.deepEqual(timesOf(night), ['00:00', '00:30', '01:00']);
  });

  test('always lie in the working day, off its breaks, in no booking and in the future', () => {
    const minute = fc.integer({ min: 0, max: 1440 });
    const clock = (minutes: number) =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const spans = fc.uniqueArray(minute, { minLength: 4, maxLength: 4 }).map((all) => all.toSorted((a, b) => a - b));
    const day = spans.map(([open = 0, from = 0, to = 0, close = 0]) =>
      everyDay({ from: clock(open), to: clock(close), breaks: [{ from: clock(from), to: clock(to) }] }),
    );
    const dates = fc.constantFrom('2026-03-29', '2026-10-25', '2026-11-24');
    const zones = fc.constantFrom('Europe/Berlin', 'Asia/Tokyo', 'America/New_York');
    const bookings = fc.array(fc.tuple(fc.integer({ min: -600, max: 2000 }), fc.integer({ min: 1, max: 300 })), {
      maxLength: 6,
    });
    const durations = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(
        day,
        dates,
        zones,
        bookings,
        durations,
        minute,
        (hours, date, time_zone, booked, duration_min, since) => {
          const midnight = Date.parse(date);
          const interval = (start: number, minutes: number) => ({
            starts_at: new Date(midnight + start * 60_000),
            ends_at: new Date(midnight + (start + minutes) * 60_000),
          });
          const busy = booked.map(([start, minutes]) => interval(start, minutes));
          const now = new Date(midnight + since * 60_000);
          const open = openDay(hours, date, time_zone);
          assert.ok(open);
          const question = { hours, time_zone, date, busy, duration_min, now, latest: LATEST };
          const times = freeTimes(question);
          assert.equal(hasFreeTime(question), times.length > 0);
          for (const starts_at of times) {
            const slot = { starts_at, ends_at: new Date(starts_at.getTime() + duration_min * 60_000) };
            assert.ok(slot.starts_at >= open.opens_at && slot.ends_at <= open.closes_at && slot.starts_at > now);
            for (const other of [...busy, ...open.breaks]) assert.equal(intervalsOverlap(slot, other), false);
          }
          assert.deepEqual(
            freeTimes({ ...question, date: addDays(date, 1), hours: { ...hours, days_off: [addDays(date, 1)] } }),
            [],
          );
        },
      ),
    );
  });
});
