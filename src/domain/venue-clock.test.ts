import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { addDays, dateAt, dateBy, isCalendarDate, rememberedClocks, wallClock, weekdayOf } from './venue-clock.ts';

const at = (hours: number, minutes = 0) => hours * 60 + minutes;

describe('the clock on the wall', () => {
  const cases: [string, string, string, number, string, string][] = [
    ['an ordinary time is one moment', '2026-11-24', 'Europe/Moscow', at(14), '11:00', '11:00'],
    ['a time that comes twice begins with the first', '2026-10-25', 'Europe/Berlin', at(2, 30), '00:30', '01:30'],
    ['what ends where the repeated hour begins ends once', '2026-10-25', 'Europe/Berlin', at(2), '00:00', '00:00'],
    ['after the repeated hour all is ordinary', '2026-10-25', 'Europe/Berlin', at(3), '02:00', '02:00'],
    ['before it too', '2026-10-25', 'Europe/Berlin', at(1, 59), '-1 23:59', '-1 23:59'],
    ['a time left out is the moment of the change', '2026-03-29', 'Europe/Berlin', at(2, 30), '01:00', '01:00'],
    ['both ends of what is left out are that moment', '2026-03-29', 'Europe/Berlin', at(2), '01:00', '01:00'],
    ['so is its other end', '2026-03-29', 'Europe/Berlin', at(3), '01:00', '01:00'],
    ['the hour before it is ordinary', '2026-03-29', 'Europe/Berlin', at(1, 30), '00:30', '00:30'],
    ['clocks may go back at midnight', '2026-11-01', 'America/Havana', at(0, 30), '04:30', '05:30'],
    ['a day left out whole is one moment', '2011-12-30', 'Pacific/Apia', at(12), '10:00', '10:00'],
    ['half hours exist', '2026-11-24', 'Asia/Kolkata', at(9), '03:30', '03:30'],
  ];
  for (const [behaviour, date, zone, minutes, from, until] of cases)
    test(behaviour, () => {
      const clock = wallClock(date, zone);
      const instant = (text: string) =>
        text.startsWith('-1 ') ? `${addDays(date, -1)}T${text.slice(3)}:00.000Z` : `${date}T${text}:00.000Z`;
      assert.equal(clock.from(minutes).toISOString(), instant(from));
      assert.equal(clock.until(minutes).toISOString(), instant(until));
    });

  test('shows from any time on nothing earlier, and until it nothing later', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Tokyo',
      'America/Havana',
    );
    const days = fc.integer({ min: 0, max: 365 }).map((days) => addDays('2026-01-01', days));
    fc.assert(
      fc.property(zones, days, fc.integer({ min: 0, max: 1439 }), (zone, date, minutes) => {
        const clock = wallClock(date, zone);
        const shown = (moment: number) => DateTime.fromMillis(moment, { zone }).toFormat('yyyy-MM-dd HH:mm:ss.SSS');
        const time = `${date} ${DateTime.fromMillis(minutes * 60_000, { zone: 'UTC' }).toFormat('HH:mm')}`;
        assert.ok(shown(clock.from(minutes).getTime()) >= time);
        assert.ok(shown(clock.from(minutes).getTime() - 1) < time);
        assert.ok(shown(clock.until(minutes).getTime()) >= time);
        assert.ok(shown(clock.until(minutes).getTime() - 1) < time);
      }),
    );
  });
});

describe('remembered clocks', () => {
  test('are made once, and of too many the oldest are forgotten', () => {
    const made: string[] = [];
    const clocks = rememberedClocks((date, zone) => {
      made.push(date);
      return wallClock(date, zone);
    }, 2);
    const first = clocks('2026-11-23', 'UTC');
    clocks('2026-11-24', 'UTC');
    assert.equal(clocks('2026-11-23', 'UTC'), first);
    clocks('2026-11-25', 'UTC');
    clocks('2026-11-25', 'UTC');
    clocks('2026-11-24', 'UTC');
    clocks('2026-11-23', 'UTC');
    assert.deepEqual(made, ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-23']);
  });

  test('show the date that the offset of the moment gives', () => {
    const clocks = rememberedClocks();
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Niue', 'Asia/Kathmandu');
    const moments = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) });
    fc.assert(
      fc.property(zones, moments, (zone, moment) => {
        assert.equal(dateBy(clocks, new Date(moment), zone), dateAt(new Date(moment), zone));
      }),
    );
    // The clock shows 00:00 at 04:00 and at 05:00 UTC.
    assert.equal(dateBy(clocks, new Date('2026-11-01T04:00:00Z'), 'America/Havana'), '2026-11-01');
    assert.equal(dateBy(clocks, new Date('2026-11-01T03:59:59Z'), 'America/Havana'), '2026-10-31');
  });
});

test('knows which days the calendar has', () => {
  for (const date of ['2026-11-24', '2028-02-29', '9999-12-31']) assert.equal(isCalendarDate(date), true, date);
  for (const text of ['2026-02-29', '9999-99-99', '2026-1-1', '2026-11-24T00:00', '20261124', '+12026-01-01', ''])
    assert.equal(isCalendarDate(text), false, text);
});

test('counts days and weekdays across months and years', () => {
  assert.equal(addDays('2026-12-31', 1), '2027-01-01');
  assert.equal(addDays('2028-03-01', -1), '2028-02-29');
  assert.deepEqual(['2026-11-23', '2026-11-29'].map(weekdayOf), [0, 6]);
});

test('takes the date of the venue, not of the server', () => {
  const at = new Date('2026-11-23T22:30:00Z');
  assert.equal(dateAt(at, 'Europe/Moscow'), '2026-11-24');
  assert.equal(dateAt(at, 'America/New_York'), '2026-11-23');
});
