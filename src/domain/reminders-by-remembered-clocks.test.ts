import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { offsetKey, type ReminderOffset } from './reminder-offsets.ts';
import { type DecidedReminder, decideReminders, isKept, outdoneFor, type ReminderCase } from './reminders.ts';
import { rememberedClocks, wallClock } from './venue-clock.ts';

const HOUR_MS = 3_600_000;
const LONG_AGO = new Date('2026-01-01T00:00Z');
/** The morning after a night in which some clocks change, and mornings around it. */
const MORNINGS = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01', '2026-11-24'];
const ZONES = ['Europe/Berlin', 'America/New_York', 'America/Havana', 'Australia/Lord_Howe', 'Asia/Tokyo', 'UTC'];

const time = fc.nat(47).map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`);
const offset: fc.Arbitrary<ReminderOffset> = fc.oneof(
  fc.integer({ min: 30, max: 2000 }),
  fc.oneof(fc.constantFrom('00:00', '02:00', '02:30'), time).map((evening_before) => ({ evening_before })),
);
const reader = fc.record({
  hours: fc.option(fc.record({ from: time, to: time }).filter(({ from, to }) => from !== to)),
  time_zone: fc.constantFrom(...ZONES),
});
const given = fc.record({
  morning: fc.constantFrom(...MORNINGS),
  startsAfterH: fc.double({ min: 0, max: 30, noNaN: true }),
  venue: fc.constantFrom(...ZONES),
  offsets: fc.uniqueArray(offset, { minLength: 1, maxLength: 4, selector: offsetKey }),
  readers: fc.tuple(reader, reader),
});

test('decisions by clocks that were remembered for other bookings are those by clocks of their own, on every night', () => {
  // So few that it forgets some of them meanwhile.
  const clocks = rememberedClocks(wallClock, 12);
  let early = 0;
  fc.assert(
    fc.property(given, ({ morning, startsAfterH, venue, offsets, readers }) => {
      const starts_at = new Date(Date.parse(morning) + startsAfterH * HOUR_MS);
      const decided: DecidedReminder[] = [];
      const stands: Omit<ReminderCase, 'now'> = {
        rules: offsets.map((one) => ({ offset: one, since: LONG_AGO })),
        booking: { status: 'created', starts_at, time_zone: venue, start_set_at: LONG_AGO },
        readers: readers.map(({ hours, time_zone }, user_id) => ({
          ...{ user_id, time_zone, quiet_hours: { broadcasts: null, messages: hours } },
        })),
        decided,
      };
      for (let now: Date | null = new Date(starts_at.getTime() - 60 * HOUR_MS); now; ) {
        const own: ReturnType<typeof decideReminders> = decideReminders({ ...stands, now });
        assert.deepEqual(decideReminders({ ...stands, now, clocks }), own);
        for (const { offset: of, only_user, state } of own.decisions) {
          if (only_user !== null && state === 'emitted') early += 1;
          const what = { offset: of, isEarly: only_user !== null };
          const fate = (change: object) =>
            outdoneFor(only_user ?? 0, what, { ...stands, ...change, now: now ?? starts_at });
          assert.equal(fate({ clocks }), fate({}));
        }
        decided.push(...own.decisions.filter(isKept));
        now = own.next;
      }
    }),
    { numRuns: 100 },
  );
  assert.ok(early > 50, `${early} early ones`);
});
