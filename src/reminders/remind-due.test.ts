import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { openReminderWorld, type ReminderWorld } from '#test/support/reminder-world.ts';
import { offsetKey, type ReminderOffset } from '../domain/reminder-offsets.ts';

const HOUR_MS = 3_600_000;
/** Of up to a month and a half each, on each database. */
const HISTORIES = 24;
/** By a clock that is kept in the past: nothing here depends on today. */
const NOON = new Date('2026-11-23T12:00:00Z');
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'];

const offset: fc.Arbitrary<ReminderOffset> = fc.oneof(
  fc.constantFrom(30, 120, 720, 1440, 2160, 4320),
  fc.constantFrom('19:00', '02:30', '00:00').map((evening_before) => ({ evening_before })),
);
const offsets = fc.uniqueArray(offset, { minLength: 2, maxLength: 5, selector: offsetKey });
const inHours = fc.oneof(fc.double({ min: 0.01, max: 4, noNaN: true }), fc.double({ min: 4, max: 80, noNaN: true }));
const which = fc.nat();
const hour = fc.nat(23).map((hours) => `${String(hours).padStart(2, '0')}:00`);
const span = fc.record({ from: hour, to: hour }).filter(({ from, to }) => from !== to);
const habits = fc.record({
  quiet_hours: fc.record({ broadcasts: fc.option(span), messages: fc.option(span, { freq: 5 }) }),
  time_zone: fc.option(fc.constantFrom(...ZONES)),
});
/** Minutes of a ladder, which are longer than some offsets. */
const steps = fc
  .record({ push: fc.option(fc.integer({ min: 1, max: 600 })), more: fc.option(fc.integer({ min: 1, max: 600 })) })
  .map(({ push, more }) => ({ push_after_min: push, call_after_min: more && more + (push ?? 0) }));

type Act = (world: ReminderWorld) => Promise<void>;
const shown = (name: string, ...given: unknown[]) => `${name}(${given.map((one) => JSON.stringify(one)).join(', ')})`;
const act = (text: string, run: Act): Act => Object.assign(run, { toString: () => text });

/** What people, companies and schedulers do. */
const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: inHours.map((hours) => act(shown('book', hours), (world) => world.book(hours * HOUR_MS))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(which, inHours)
      .map(([n, hours]) =>
        act(shown('move', n, hours), (world) => world.change(n, { starts_at: world.in(hours * HOUR_MS) })),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(which, fc.integer({ min: 5, max: 90 }))
      .map(([n, duration_min]) => act(shown('lasts', n, duration_min), (world) => world.change(n, { duration_min }))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(which, fc.constantFrom('cancel', 'complete', 'noShow'))
      .map(([n, how]) => act(shown(how, n), (world) => world.end(n, how))),
  },
  { weight: 1, arbitrary: offsets.map((list) => act(shown('remind', list), (world) => world.remind(list))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...ZONES).map((zone) => act(shown('zone', zone), (world) => world.moveTo(zone))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('client' as const, 'specialist' as const), habits)
      .map(([who, next]) => act(shown('sleep', who, next), (world) => world.sleep(who, next))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.option(which, { freq: 1 }), fc.option(steps, { freq: 9 }))
      .map(([n, next]) => act(shown('ask', n, next), (world) => world.ask(n, next))),
  },
  { weight: 1, arbitrary: which.map((n) => act(shown('confirm', n), (world) => world.confirm(n))) },
  {
    weight: 10,
    arbitrary: fc.constantFrom('one', 'other', 'both', 'crash').map((how) => act(how, (world) => world.look(how))),
  },
);
/** Somebody looks all the while, or nobody does. */
const step = fc.record({
  isRunning: fc.boolean(),
  minutes: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 1500 })),
  act: acts,
});
const history = fc.record({
  begin: fc.date({ min: new Date('2026-02-01T00:00Z'), max: new Date('2026-11-20T00:00Z'), noInvalidDate: true }),
  zone: fc.constantFrom(...ZONES),
  offsets,
  client: habits,
  specialist: habits,
  ladder: fc.tuple(which, fc.option(steps)),
  bookings: fc.array(inHours, { minLength: 4, maxLength: 8 }),
  happening: fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
});

describeOnEachDatabase('reminders', ({ open, openTwice }) => {
  test('are never wrong, late for the booking, double or missing, whatever happens', async (t) => {
    const world = await openReminderWorld(await openTwice(t));
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        await world.beginAgain(given.begin, given.zone, given.offsets);
        await world.sleep('client', given.client);
        await world.sleep('specialist', given.specialist);
        await world.ask(...given.ladder);
        for (const hours of given.bookings) await world.book(hours * HOUR_MS);
        for (const { isRunning, minutes, act: doIt } of given.happening) {
          if (isRunning) await world.run(minutes * 60_000);
          else world.wait(minutes * 60_000);
          await doIt(world);
        }
        await world.look('one');
      }),
      { numRuns: HISTORIES, endOnFailure: true },
    );
    for (const [what, times] of Object.entries(world.seen())) assert.ok(times > HISTORIES / 10, `${what}: ${times}`);
  });

  test('of all companies take turns: a thousand of one do not stand before one of another', async (t) => {
    const world = await openReminderWorld([await open(t)]);
    await world.beginAgain(NOON, 'UTC', [60]);
    await world.bookMany(1000, 2 * HOUR_MS);
    const other = await world.anotherCompany();
    world.wait(HOUR_MS);
    const first = await world.due(10);
    assert.deepEqual([first.length, first.filter(({ company_id }) => company_id === other).length], [6, 1]);
  });

  test('that many bookings are told to look at again are found page by page', async (t) => {
    const world = await openReminderWorld([await open(t)]);
    await world.beginAgain(NOON, 'UTC', []);
    await world.bookMany(7, 2 * HOUR_MS);
    await world.remind([30]);
    assert.deepEqual(await world.passPages(3), [3, 3, 1]);
    assert.equal((await world.due(100)).length, 7);
  });

  test('leave nothing behind of starts that a booking had for moments', async (t) => {
    const world = await openReminderWorld([await open(t)]);
    await world.beginAgain(NOON, 'UTC', [60, 1440]);
    await world.book(30 * HOUR_MS);
    for (let n = 1; n <= 30; n += 1) {
      world.wait(1000);
      await world.change(0, { starts_at: world.in(HOUR_MS / 2 + n) });
      await world.look('one');
    }
    assert.equal(await world.recorded(), 0);
  });

  test('are forgotten with the log, but not while they keep one from going twice', async (t) => {
    const world = await openReminderWorld([await open(t)]);
    await world.beginAgain(NOON, 'UTC', [60, 43_200]);
    await world.book(2 * HOUR_MS);
    await world.book(720 * HOUR_MS + HOUR_MS);
    world.wait(HOUR_MS + 1);
    await world.look('one');
    assert.equal(await world.recorded(), 2);
    world.wait(48 * HOUR_MS);
    assert.deepEqual([await world.forget(24 * HOUR_MS), await world.recorded()], [1, 1]);
    await world.look('one');
  });
});
