import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { DEFAULT_QUIET_HOURS, decodeQuietHours, encodeQuietHours, quietAt, quietSpanAt } from './quiet-hours.ts';
import { rememberedClocks, wallClock } from './venue-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MIN = 1440;
const ZONES = [
  ...['UTC', 'Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'America/Santiago', 'Asia/Kolkata'],
  // Half an hour, two hours, at midnight, and around Ramadan.
  ...['Australia/Lord_Howe', 'Antarctica/Troll', 'Africa/Cairo', 'America/Havana', 'Africa/Casablanca', 'Pacific/Apia'],
];

const at = (local: string, zone: string): Date => DateTime.fromISO(local, { zone }).toJSDate();
const spanText = (span: { from: Date; until: Date } | null, zone: string): string[] | null =>
  span &&
  [span.from, span.until].map(
    (moment) => DateTime.fromJSDate(moment, { zone }).toISO({ suppressMilliseconds: true }) ?? '',
  );

describe('quiet hours', () => {
  test('pass midnight, and hold from their first moment until the one before their last', () => {
    const night = { from: '22:00', to: '08:00' };
    const zone = 'Europe/Moscow';
    const whole = ['2026-11-23T22:00:00+03:00', '2026-11-24T08:00:00+03:00'];
    for (const inside of ['2026-11-23T22:00:00', '2026-11-24T00:00:00', '2026-11-24T07:59:59.999'])
      assert.deepEqual(spanText(quietSpanAt(night, zone, at(inside, zone)), zone), whole, inside);
    for (const outside of ['2026-11-23T21:59:59.999', '2026-11-24T08:00:00', '2026-11-24T15:00:00'])
      assert.equal(quietSpanAt(night, zone, at(outside, zone)), null, outside);
  });

  test('are those of the kind: by default ads have a night, and messages none; by no clock that is unknown', () => {
    const person = { quiet_hours: DEFAULT_QUIET_HOURS, time_zone: 'Asia/Tokyo' };
    const night = at('2026-11-24T03:00:00', 'Asia/Tokyo');
    assert.equal(quietAt(person, 'broadcasts', night)?.until.toISOString(), '2026-11-23T23:00:00.000Z');
    assert.equal(quietAt(person, 'messages', night), null);
    assert.equal(quietAt({ ...person, time_zone: 'Mars/Phobos' }, 'broadcasts', night), null);
    assert.deepEqual(decodeQuietHours(encodeQuietHours(DEFAULT_QUIET_HOURS)), DEFAULT_QUIET_HOURS);
  });

  test('last as long as the clock says, on nights when it changes', () => {
    const zone = 'Europe/Berlin';
    const spanOn = (from: string, to: string, now: string) =>
      spanText(quietSpanAt({ from, to }, zone, new Date(now)), zone);
    // Forward at 01:00 UTC on 29 March: the night has an hour less, and 02:30 comes at 03:00.
    assert.deepEqual(spanOn('22:00', '08:00', '2026-03-29T01:30:00Z'), [
      '2026-03-28T22:00:00+01:00',
      '2026-03-29T08:00:00+02:00',
    ]);
    assert.deepEqual(spanOn('23:00', '02:30', '2026-03-29T00:59:59Z'), [
      '2026-03-28T23:00:00+01:00',
      '2026-03-29T03:00:00+02:00',
    ]);
    assert.equal(spanOn('02:10', '02:40', '2026-03-29T01:00:00Z'), null);
    // Back at 01:00 UTC on 25 October: what is shown twice is quiet both times.
    assert.deepEqual(spanOn('23:00', '02:30', '2026-10-25T01:15:00Z'), [
      '2026-10-24T23:00:00+02:00',
      '2026-10-25T02:30:00+01:00',
    ]);
    assert.deepEqual(spanOn('02:30', '08:00', '2026-10-25T01:10:00Z'), [
      '2026-10-25T02:30:00+02:00',
      '2026-10-25T08:00:00+01:00',
    ]);
  });

  test('that run into those of the next day are one span', () => {
    const span = quietSpanAt({ from: '02:30', to: '02:10' }, 'Europe/Berlin', new Date('2026-10-25T00:45:00Z'));
    assert.deepEqual(spanText(span, 'Europe/Berlin'), ['2026-10-24T02:30:00+02:00', '2026-10-26T02:10:00+01:00']);
  });

  test('of a thousand people on the day of a change cost no more clocks than those of one', () => {
    const zone = 'Europe/Berlin';
    const asked: string[] = [];
    const clocks = rememberedClocks((date, timeZone) => {
      asked.push(date);
      return wallClock(date, timeZone);
    });
    for (let person = 0; person < 1_000; person += 1) {
      const hours = { from: minuteText(1_300 + (person % 100)), to: '08:00' };
      const now = new Date(Date.UTC(2026, 9, 25) + person * MINUTE_MS);
      assert.deepEqual(quietSpanAt(hours, zone, now, clocks), quietSpanAt(hours, zone, now));
    }
    assert.equal(new Set(asked).size, asked.length);
    assert.ok(asked.length <= 7, `${asked.length} clocks`);
  });

  test('of a day without a change are looked up for no days but those around', () => {
    const asked = new Set<string>();
    const clocks = rememberedClocks((date, timeZone) => {
      asked.add(date);
      return wallClock(date, timeZone);
    });
    quietSpanAt({ from: '22:00', to: '08:00' }, 'Europe/Berlin', new Date('2026-11-24T12:00:00Z'), clocks);
    assert.deepEqual([...asked].sort(), ['2026-11-23', '2026-11-24', '2026-11-25']);
  });
});

/** Minutes since midnight on the clock of a place. */
function shown(moment: number, zone: string): number {
  const { hour, minute } = DateTime.fromMillis(moment, { zone });
  return hour * 60 + minute;
}

const minuteText = (minutes: number): string => DateTime.fromObject({ year: 2026 }).plus({ minutes }).toFormat('HH:mm');

const quietCase = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    from: fc.nat(DAY_MIN - 1),
    to: fc.nat(DAY_MIN - 1),
    // Whole minutes of the years 2024 to 2027.
    now: fc.integer({ min: Date.UTC(2024, 0, 1) / MINUTE_MS, max: Date.UTC(2028, 0, 1) / MINUTE_MS }),
  })
  .filter(({ from, to }) => from !== to);

test('at any moment of four years, in any zone, they are what the clock on the wall shows', () => {
  let clocksWentBack = 0;
  fc.assert(
    fc.property(quietCase, ({ zone, from, to, now: minute }) => {
      const now = minute * MINUTE_MS;
      const isShownQuiet = (moment: number) => {
        const minutes = shown(moment, zone);
        return from < to ? from <= minutes && minutes < to : minutes >= from || minutes < to;
      };
      const span = quietSpanAt({ from: minuteText(from), to: minuteText(to) }, zone, new Date(now));
      const offsetAt = (days: number) => DateTime.fromMillis(now, { zone }).plus({ days }).offset;
      if (offsetAt(3) < offsetAt(-3)) {
        clocksWentBack += 1;
        if (isShownQuiet(now)) assert.ok(span);
        if (span) assert.ok(span.from.getTime() <= now && now < span.until.getTime());
        return;
      }
      assert.equal(span !== null, isShownQuiet(now));
      if (!span) return;
      let [first, end] = [now, now];
      while (isShownQuiet(first - MINUTE_MS) && now - first < 3 * DAY_MIN * MINUTE_MS) first -= MINUTE_MS;
      while (isShownQuiet(end) && end - now < 3 * DAY_MIN * MINUTE_MS) end += MINUTE_MS;
      assert.deepEqual([span.from, span.until], [new Date(first), new Date(end)]);
    }),
    { numRuns: 300 },
  );
  assert.ok(clocksWentBack < 150, 'nearly all cases were left out');
});

test('around a night when the clocks go back, they begin with the first showing and end with the last', () => {
  const nights = [
    { zone: 'Europe/Berlin', change: Date.UTC(2026, 9, 25, 1), backMin: 60 },
    { zone: 'America/New_York', change: Date.UTC(2026, 10, 1, 6), backMin: 60 },
    { zone: 'Australia/Lord_Howe', change: Date.UTC(2026, 3, 4, 15), backMin: 30 },
    { zone: 'Antarctica/Troll', change: Date.UTC(2026, 9, 25, 1), backMin: 120 },
  ];
  const aNight = fc.record({
    night: fc.constantFrom(...nights),
    from: fc.nat(DAY_MIN - 1),
    lengthMin: fc.integer({ min: 1, max: DAY_MIN - 200 }),
    minutesAway: fc.integer({ min: -DAY_MIN, max: DAY_MIN }),
  });
  fc.assert(
    fc.property(aNight, ({ night: { zone, change, backMin }, from, lengthMin, minutesAway }) => {
      const to = (from + lengthMin) % DAY_MIN;
      const now = change + minutesAway * MINUTE_MS;
      const span = quietSpanAt({ from: minuteText(from), to: minuteText(to) }, zone, new Date(now));
      if (!span) return;
      const [begin, until] = [span.from.getTime(), span.until.getTime()];
      assert.equal(shown(begin, zone), from);
      assert.equal(shown(until, zone), to);
      // Not a minute of the span's own length is lost, and no more is added than was repeated.
      const longer = (until - begin) / MINUTE_MS - lengthMin;
      assert.ok(longer === 0 || longer === backMin, `${longer} minutes longer`);
      assert.notEqual(shown(begin - backMin * MINUTE_MS, zone), from, 'the clock had shown the time before');
      assert.notEqual(shown(until + backMin * MINUTE_MS, zone), to, 'the clock shows the time once more');
    }),
    { numRuns: 300 },
  );
});
