import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { askForPass } from '../db/reminder-passes.ts';
import { deleteOldReminders, recordReminders } from '../db/reminder-records.ts';
import { remindDue } from './remind-due.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-12-27T12:00:00Z');

/** A salon whose booking begins in 47 hours, and a scheduler that looks when it is told to. */
async function openSchedule(t: TestContext, { open }: TestDatabases) {
  const database = await open(t);
  let now = new Date(NOON);
  let reminders = 0;
  const api = await startTestApi(t, { database, clock: () => now });
  const salon = await makeSalon(api);
  const starts_at = new Date(NOON + 47 * HOUR_MS).toISOString();
  const booked = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
  const id: number = booked.id;
  const schedule = async () => (await api.ok('GET', `/v1/bookings/${id}/schedule`)).reminders as Reminder[];
  return {
    ...{ api, database, salon, id, schedule },
    async look(at: number) {
      now = new Date(at);
      await database.write((tx) => remindDue(tx, [id], { now, newId: () => `reminder-${++reminders}` }));
    },
    later: (at: number) => {
      now = new Date(at);
    },
    states: async () =>
      (await schedule()).map(({ offset, version, state, reason }) => [offset, version, reason ?? state]),
    /** Who, and how it stands. */
    recipients: async (offset: number) =>
      (await schedule())
        .find((one) => one.offset === offset)
        ?.recipients.map(({ role, status, channel, reason }) => `${role} ${reason ?? channel ?? ''} ${status}`),
  };
}

interface Reminder {
  offset: unknown;
  version: number;
  state: string;
  reason: string | null;
  event_id: string | null;
  recipients: { role: string; status: string; channel: string | null; reason: string | null }[];
}

describeOnEachDatabase("a booking's schedule", (databases) => {
  test('tells of what is to come, what went, and why something did not', async (t) => {
    const world = await openSchedule(t, databases);
    assert.deepEqual(await world.states(), [
      [1440, 1, 'pending'],
      [120, 1, 'pending'],
    ]);
    world.later(NOON + 46 * HOUR_MS);
    assert.deepEqual(await world.states(), [
      [1440, 1, 'nearer_reminder'],
      [120, 1, 'pending'],
    ]);
    await world.look(NOON + 46 * HOUR_MS);
    const [day, hours] = await world.schedule();
    assert.deepEqual(
      [day?.state, day?.event_id, hours?.state, hours?.event_id],
      [...['skipped', null], ...['emitted', 'reminder-1']],
    );
    assert.deepEqual(await world.recipients(120), ['client  under_way', 'specialist  under_way']);
  });

  test('keeps what went for an earlier start beside what is to come for the new one', async (t) => {
    const world = await openSchedule(t, databases);
    await world.look(NOON + 24 * HOUR_MS);
    const starts_at = new Date(NOON + 70 * HOUR_MS).toISOString();
    await world.api.ok('PATCH', `/v1/bookings/${world.id}`, { starts_at });
    assert.deepEqual(await world.states(), [
      [1440, 1, 'emitted'],
      [1440, 2, 'pending'],
      [120, 2, 'pending'],
    ]);
    await world.api.ok('PATCH', `/v1/bookings/${world.id}`, { duration_min: 30 });
    await world.look(NOON + 47 * HOUR_MS);
    assert.deepEqual(await world.states(), [
      [1440, 1, 'emitted'],
      [1440, 2, 'emitted'],
      [120, 2, 'pending'],
    ]);
    const told = (await world.api.outbox()).filter(({ type }) => type === 'booking_reminder');
    assert.deepEqual(
      told.map(({ offset, initiated_by, change }) => [offset, initiated_by.role, change?.version]),
      [
        [1440, 'cron', 1],
        [1440, 'cron', 3],
      ],
    );
  });

  test('says who would hear, by the settings and the channels of now', async (t) => {
    const { api, salon, recipients } = await openSchedule(t, databases);
    const admin = 'admin setting_off suppressed';
    assert.deepEqual(await recipients(120), ['client no_channel suppressed', 'specialist telegram planned', admin]);
    const { items } = await api.ok('GET', `/v1/notification-settings?company_id=${salon.company_id}&limit=50`);
    for (const { id, event_type, recipient_role } of items)
      if (event_type === 'booking_reminder')
        await api.ok('PATCH', `/v1/notification-settings/${id}`, { enabled: recipient_role !== 'specialist' });
    assert.deepEqual(await recipients(120), [
      'client no_channel suppressed',
      'admin telegram planned',
      'specialist setting_off suppressed',
    ]);
    await api.database.write((tx) =>
      tx.execute(`UPDATE users SET telegram_unreachable = 'blocked' WHERE id = ?`, [salon.admin_id]),
    );
    assert.equal((await recipients(120))?.[1], 'admin unreachable:blocked suppressed');
  });

  test('says that nothing follows the end of a booking', async (t) => {
    for (const [action, reason] of [
      ['cancel', 'booking_cancelled'],
      ['complete', 'booking_completed'],
      ['no-show', 'booking_no_show'],
    ]) {
      const world = await openSchedule(t, databases);
      await world.look(NOON + 24 * HOUR_MS);
      await world.api.ok('POST', `/v1/bookings/${world.id}/${action}`);
      assert.deepEqual(await world.states(), [
        [1440, 1, 'emitted'],
        [120, 1, reason],
      ]);
    }
  });

  test('keeps to the latest of a booking that was reminded of more often than anybody reads', async (t) => {
    const world = await openSchedule(t, databases);
    const { id, database } = world;
    const decided = { booking_id: id, key: '60', state: 'skipped', reason: 'too_late', event_id: null } as const;
    const rows = Array.from({ length: 150 }, (_, n) => {
      const times = { starts_at: new Date(NOON - n), due_at: new Date(NOON - n), decided_at: new Date(NOON) };
      return { ...decided, ...times, version: n + 2 };
    });
    await world.look(NOON + 24 * HOUR_MS);
    await database.write((tx) => recordReminders(tx, rows));
    const states = await world.states();
    assert.equal(states.length, 102);
    assert.deepEqual(states[0], [60, 151, 'too_late']);
    // What went of the present start is never cut off.
    assert.deepEqual(states.slice(-2), [
      [1440, 1, 'emitted'],
      [120, 1, 'pending'],
    ]);
  });

  test('says of a booking at which nobody looks that nobody does', async (t) => {
    const { api, database, salon, id, states } = await openSchedule(t, databases);
    await database.write((tx) => tx.execute('UPDATE bookings SET next_reminder_at = NULL'));
    assert.deepEqual(await states(), [
      [1440, 1, 'unattended'],
      [120, 1, 'unattended'],
    ]);
    await database.write((tx) => askForPass(tx, salon.company_id));
    assert.deepEqual(await states(), [
      [1440, 1, 'pending'],
      [120, 1, 'pending'],
    ]);
    await database.write((tx) => tx.execute('DELETE FROM reminder_passes'));
    await api.ok('PATCH', `/v1/bookings/${id}`, { duration_min: 45 });
    assert.deepEqual((await states())[0], [1440, 1, 'pending']);
  });

  test('makes up nothing of what is no longer kept', async (t) => {
    const world = await openSchedule(t, databases);
    await world.look(NOON + 24 * HOUR_MS);
    await world.look(NOON + 48 * HOUR_MS);
    assert.deepEqual(await world.states(), [
      [1440, 1, 'emitted'],
      [120, 1, 'too_late'],
    ]);
    assert.equal(await deleteOldReminders(world.database, new Date(NOON + 49 * HOUR_MS), 10), 2);
    assert.deepEqual(await world.states(), []);
  });
});
