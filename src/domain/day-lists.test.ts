import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { dayListAtSchema, decideDayLists, endOfDay, specialistDayEventSchema } from './day-lists.ts';
import { dateAt } from './venue-clock.ts';

const MOSCOW = { day_list_at: '08:00', time_zone: 'Europe/Moscow', after: 0 };
const at = (text: string) => new Date(text);

describe('lists of the day', () => {
  test('are due at their hour by the clock of the company, and then on the next day', () => {
    const since = at('2026-11-23T05:00:00Z');
    assert.deepEqual(decideDayLists({ ...MOSCOW, since, now: at('2026-11-24T04:59:59.999Z') }), {
      list: null,
      next: at('2026-11-24T05:00:00Z'),
    });
    assert.deepEqual(decideDayLists({ ...MOSCOW, since, now: at('2026-11-24T05:00:00Z') }), {
      list: { date: '2026-11-24', since: at('2026-11-24T05:00:00Z'), after: 0 },
      next: at('2026-11-25T05:00:00Z'),
    });
  });

  test('that were due before they were asked for begin with the next day', () => {
    const now = at('2026-11-24T09:00:00Z');
    assert.deepEqual(decideDayLists({ ...MOSCOW, since: now, now }), { list: null, next: at('2026-11-25T05:00:00Z') });
  });

  test('go after an outage on the same day, and not on the next', () => {
    const since = at('2026-11-24T05:00:00Z');
    const late = decideDayLists({ ...MOSCOW, since, now: at('2026-11-24T20:59:59Z') });
    assert.equal(late.list?.date, '2026-11-24');
    const tooLate = decideDayLists({ ...MOSCOW, since, now: at('2026-11-24T21:00:00Z') });
    assert.deepEqual(tooLate, { list: null, next: at('2026-11-25T05:00:00Z') });
  });

  test('go on where they broke off only on the day on which they did', () => {
    const since = at('2026-11-24T05:00:00Z');
    const after = (now: string) => decideDayLists({ ...MOSCOW, after: 57, since, now: at(now) }).list?.after;
    assert.deepEqual([after('2026-11-24T12:00:00Z'), after('2026-11-25T12:00:00Z')], [57, 0]);
  });

  test('come to nobody in a company that wants none', () => {
    const now = at('2026-11-24T09:00:00Z');
    assert.deepEqual(decideDayLists({ ...MOSCOW, day_list_at: null, since: new Date(0), now }), {
      list: null,
      next: null,
    });
  });

  for (const [what, time_zone, day_list_at, after, expected] of [
    [
      'a time that is left out is the end of the gap',
      'Europe/Berlin',
      '02:30',
      '2026-03-28T12:00Z',
      '2026-03-29T01:00Z',
    ],
    ['a time that comes twice is the first', 'Europe/Berlin', '02:30', '2026-10-24T12:00Z', '2026-10-25T00:30Z'],
    ['midnight that is left out is one o’clock', 'Africa/Cairo', '00:00', '2026-04-23T12:00Z', '2026-04-23T22:00Z'],
    ['a day that is left out has no list', 'Pacific/Apia', '08:00', '2011-12-30T00:00Z', '2011-12-30T18:00Z'],
  ] as const)
    test(what, () => {
      const now = at(after);
      const { next } = decideDayLists({ ...{ day_list_at, time_zone, after: 0 }, since: now, now });
      assert.equal(next?.toISOString(), at(expected).toISOString());
    });

  test('are due once on each day that has their time, in every zone and whatever the hour', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Cairo'];
    const begin = fc.integer({ min: Date.UTC(2011, 0), max: Date.UTC(2027, 0) });
    const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones, 'America/Nuuk', 'Asia/Beirut'),
        minutes,
        begin,
        (time_zone, minute, start) => {
          const pad = (n: number) => String(n).padStart(2, '0');
          const day_list_at = `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`;
          const dates: string[] = [];
          let since = new Date(start);
          for (let n = 0; n < 20; n += 1) {
            const { next } = decideDayLists({ ...{ day_list_at, time_zone, after: 0 }, since, now: since });
            assert.ok(next && next > since);
            const { list } = decideDayLists({ ...{ day_list_at, time_zone, after: 0 }, since: next, now: next });
            assert.ok(list && list.since.getTime() === next.getTime());
            assert.ok(endOfDay(list.date, time_zone) > next);
            assert.equal(list.date, dateAt(next, time_zone));
            dates.push(list.date);
            since = next;
          }
          assert.deepEqual(dates, [...new Set(dates)].sort());
          const span = (Date.parse(dates.at(-1) ?? '') - Date.parse(dates[0] ?? '')) / 86_400_000;
          assert.ok(span <= 20, `a day is missing: ${dates.join(' ')}`); // Samoa left one out
        },
      ),
    );
  });
});

test('a time of day is written in four digits', () => {
  for (const good of ['00:00', '08:00', '23:59']) assert.ok(dayListAtSchema.safeParse(good).success, good);
  for (const bad of ['8:00', '24:00', '08:60', '08:00:00', '', ' 08:00', '08:00\n', '٠٨:٠٠', 800, null])
    assert.ok(!dayListAtSchema.safeParse(bad).success, String(bad));
});

test('an event names a day that the calendar has', () => {
  const event = {
    ...{ id: 'e-1', type: 'specialist_day', company_id: 1, user_id: 2, date: '2026-11-24', ts: 1 },
    initiated_by: { user_id: null, role: 'cron', channel: 'scheduler' },
  };
  assert.deepEqual(specialistDayEventSchema.parse(event), event);
  for (const wrong of [
    ...[{ date: '2026-02-30' }, { date: '2026-11-24T00:00:00Z' }, { date: 20261124 }, { date: undefined }],
    ...[{ user_id: 0 }, { user_id: '2' }, { user_id: 1.5 }, { company_id: -1 }, { id: '' }, { id: 'a\u0000' }],
  ])
    assert.ok(!specialistDayEventSchema.safeParse({ ...event, ...wrong }).success, JSON.stringify(wrong));
});
