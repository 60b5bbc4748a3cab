import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { effectiveHours, openDay, workingHoursSchema } from './working-hours.ts';

const monday = (day: object) => ({ weekly: { monday: day } });
const hoursOf = (weekly: object, days_off: string[] = []) => workingHoursSchema.parse({ weekly, days_off });

describe('a schedule', () => {
  test('names every weekday, and keeps breaks and days off in order', () => {
    const breaks = [
      { from: '16:00', to: '16:15' },
      { from: '13:00', to: '14:00' },
    ];
    const hours = hoursOf({ monday: { from: '10:00', to: '24:00', breaks }, sunday: null }, [
      '2027-01-01',
      '2026-12-31',
      '2027-01-01',
    ]);
    assert.deepEqual(Object.keys(hours.weekly).length, 7);
    assert.deepEqual(hours.weekly.tuesday, null);
    assert.deepEqual(
      hours.weekly.monday?.breaks.map(({ from }) => from),
      ['13:00', '16:00'],
    );
    assert.deepEqual(hours.days_off, ['2026-12-31', '2027-01-01']);
  });

  test('allows breaks that touch each other and the ends of the day', () => {
    const breaks = [
      { from: '10:00', to: '10:30' },
      { from: '10:30', to: '11:00' },
      { from: '18:00', to: '19:00' },
    ];
    assert.equal(workingHoursSchema.safeParse(monday({ from: '10:00', to: '19:00', breaks })).success, true);
  });

  const refused: [string, unknown, string][] = [
    ['an hour that no clock shows', monday({ from: '25:00', to: '26:00' }), 'weekly.monday.from'],
    ['24:00 as a beginning', monday({ from: '24:00', to: '24:00' }), 'weekly.monday.from'],
    ['a time after 24:00', monday({ from: '10:00', to: '24:30' }), 'weekly.monday.to'],
    ['a time without its zero', monday({ from: '9:00', to: '18:00' }), 'weekly.monday.from'],
    ['seconds', monday({ from: '09:00:00', to: '18:00' }), 'weekly.monday.from'],
    ['an end at the beginning', monday({ from: '10:00', to: '10:00' }), 'weekly.monday.to'],
    ['a night shift', monday({ from: '22:00', to: '06:00' }), 'weekly.monday.to'],
    ['a break outside of the day', breaksOf(['09:00', '11:00']), 'weekly.monday.breaks'],
    ['a break that ends before it begins', breaksOf(['14:00', '13:00']), 'weekly.monday.breaks'],
    [
      'breaks that overlap, in whatever order',
      breaksOf(['13:30', '15:00'], ['13:00', '14:00']),
      'weekly.monday.breaks',
    ],
    ['a break in another', breaksOf(['12:00', '15:00'], ['13:00', '14:00']), 'weekly.monday.breaks'],
    ['too many breaks', breaksOf(...Array.from({ length: 11 }, () => ['12:00', '12:01'])), 'weekly.monday.breaks'],
    ['an unknown weekday', { weekly: { funday: null } }, 'weekly'],
    ['an unknown member', { weekly: {}, open: true }, ''],
    ['no weekly hours', { days_off: [] }, 'weekly'],
    ['a day that no calendar has', { weekly: {}, days_off: ['2026-02-30'] }, 'days_off.0'],
    ['too many days off', { weekly: {}, days_off: Array(1001).fill('2026-12-31') }, 'days_off'],
  ];
  for (const [what, given, path] of refused)
    test(`refuses ${what}`, () => {
      const parsed = workingHoursSchema.safeParse(given);
      assert.deepEqual(parsed.error?.issues.map((issue) => issue.path.join('.')).slice(0, 1), [path]);
    });
});

function breaksOf(...breaks: string[][]) {
  return monday({ from: '10:00', to: '19:00', breaks: breaks.map(([from, to]) => ({ from, to })) });
}

describe('the hours that count', () => {
  const own = hoursOf({ monday: { from: '12:00', to: '15:00' } }, ['2026-12-28']);
  const location = hoursOf({ tuesday: { from: '08:00', to: '20:00' } }, ['2026-12-21']);

  test('are from nine to nine on every day where nothing is set', () => {
    const { hours, source } = effectiveHours({ own: null, location: null });
    assert.equal(source, 'default');
    assert.deepEqual(hours.days_off, []);
    for (const day of Object.values(hours.weekly)) assert.deepEqual(day, { from: '09:00', to: '21:00', breaks: [] });
  });

  test('are those of the location for whoever has none of their own', () => {
    assert.deepEqual(effectiveHours({ own: null, location }), { hours: location, source: 'location' });
  });

  test('are their own as a whole, but the days off of the location count too', () => {
    const { hours, source } = effectiveHours({ own, location });
    assert.equal(source, 'own');
    assert.deepEqual(hours.weekly, own.weekly);
    assert.deepEqual(hours.days_off, ['2026-12-21', '2026-12-28']);
    assert.equal(openDay(hours, '2026-12-21', 'UTC'), null);
  });
});

describe('a working day', () => {
  const night = { from: '00:00', to: '24:00', breaks: [{ from: '02:00', to: '03:00' }] };
  const hours = hoursOf({ sunday: night, monday: { from: '10:00', to: '19:00' } }, ['2026-11-30']);
  const open = (date: string, zone: string) => {
    const day = openDay(hours, date, zone);
    return day && [day.opens_at, day.closes_at, ...day.breaks.flatMap((one) => [one.starts_at, one.ends_at])].map(iso);
  };
  const iso = (at: Date) => at.toISOString().slice(0, 16);

  test('is by the clock of the venue', () => {
    assert.deepEqual(open('2026-11-23', 'Europe/Moscow'), ['2026-11-23T07:00', '2026-11-23T16:00']);
    assert.deepEqual(open('2026-11-23', 'Pacific/Auckland'), ['2026-11-22T21:00', '2026-11-23T06:00']);
  });

  test('is none on a weekday without hours and on a day off', () => {
    assert.equal(open('2026-11-24', 'UTC'), null);
    assert.equal(open('2026-11-30', 'UTC'), null);
  });

  test('has 25 hours when the clocks go back, and the break of the repeated hour lasts two', () => {
    const day = ['2026-10-24T22:00', '2026-10-25T23:00', '2026-10-25T00:00', '2026-10-25T02:00'];
    assert.deepEqual(open('2026-10-25', 'Europe/Berlin'), day);
  });

  test('has 23 hours when they go forward, and the break of the hour left out is none', () => {
    const day = ['2026-03-28T23:00', '2026-03-29T22:00', '2026-03-29T01:00', '2026-03-29T01:00'];
    assert.deepEqual(open('2026-03-29', 'Europe/Berlin'), day);
  });
});
