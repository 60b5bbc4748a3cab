import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { dueBookings } from '../db/due-bookings.ts';
import { remindDue } from './remind-due.ts';

/** Noon in Moscow, where the salon is. */
const NOON = Date.parse('2026-12-27T09:00:00Z');
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const NIGHT = { quiet_hours: { messages: { from: '22:00', to: '08:00' } } };
/** Ten to ten in the evening. */
const BEFORE_NIGHT = NOON + 10 * HOUR_MS - 10 * MINUTE_MS;
/** At nine the next morning; two hours before it is seven. */
const START = NOON + 21 * HOUR_MS;

async function openSchedule(t: TestContext, { open }: TestDatabases, reminders = [120]) {
  const database = await open(t);
  let now = new Date(NOON);
  let sent = 0;
  const api = await startTestApi(t, { database, clock: () => now });
  const salon = await makeSalon(api);
  await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { reminders });
  return {
    ...{ api, salon, database },
    goTo(at: number) {
      now = new Date(at);
    },
    book: async (): Promise<number> =>
      (await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: new Date(START).toISOString() })).id,
    /** What goes out; of the bookings alone at which somebody is to look. */
    async look() {
      const due = await dueBookings(database.read(), now, { room: 10, underWay: new Map() });
      if (due.length === 0) return [];
      const { events } = await database.write((tx) => remindDue(tx, due, { now, newId: () => `reminder-${++sent}` }));
      return events.map(({ offset, only_user }) => [offset, only_user ?? null]);
    },
    async schedule(id: number) {
      const { reminders } = await api.ok('GET', `/v1/bookings/${id}/schedule`);
      return (reminders as Scheduled[]).map(({ offset, only_user, state, due_at, recipients }) => ({
        ...{ offset, only_user, state, due_at: Date.parse(due_at) },
        people: recipients.map(({ role, status, reason }) => `${role} ${reason ?? status}`),
      }));
    },
  };
}

interface Scheduled {
  offset: unknown;
  only_user: number | null;
  state: string;
  due_at: string;
  recipients: { role: string; status: string; reason: string | null }[];
}

describeOnEachDatabase('reminders before quiet hours', (databases) => {
  test('go to the one who has them, and stand in the schedule', async (t) => {
    const { api, salon, book, look, goTo, schedule } = await openSchedule(t, databases);
    const { specialist_id } = salon;
    await api.ok('PATCH', `/v1/users/${specialist_id}`, NIGHT);
    const id = await book();
    assert.deepEqual(await look(), []);
    assert.deepEqual(
      (await schedule(id)).map(({ people: _, offset: __, ...rest }) => rest),
      [
        { only_user: specialist_id, state: 'pending', due_at: BEFORE_NIGHT },
        { only_user: null, state: 'pending', due_at: START - 2 * HOUR_MS },
      ],
    );
    const [early, ordinary] = (await schedule(id)).map(({ people }) => people);
    assert.deepEqual(early, ['specialist planned']);
    assert.ok(ordinary?.includes('specialist sent_early'));
    goTo(BEFORE_NIGHT - 1);
    assert.deepEqual(await look(), []);
    goTo(BEFORE_NIGHT);
    assert.deepEqual(await look(), [[120, specialist_id]]);
    assert.deepEqual(await look(), []);
    goTo(START - 2 * HOUR_MS);
    assert.deepEqual(await look(), [[120, null]]);
    assert.deepEqual(
      (await schedule(id)).map(({ only_user, state }) => [only_user, state]),
      [
        [specialist_id, 'emitted'],
        [null, 'emitted'],
      ],
    );
  });

  test('name those alone who hear them, of several the one that is nearest to the start', async (t) => {
    const { api, salon, book, look, goTo, schedule } = await openSchedule(t, databases, [180, 120]);
    const { specialist_id } = salon;
    await api.ok('PATCH', `/v1/users/${specialist_id}`, NIGHT);
    const id = await book();
    await look();
    const specialists = async () =>
      (await schedule(id)).map(({ offset, only_user, state, people }) => [
        ...[offset, only_user === null ? 'all' : 'early', state],
        people.find((one) => one.startsWith('specialist'))?.split(' ')[1],
      ]);
    const inOrder = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(
      inOrder(await specialists()),
      inOrder([
        [180, 'early', 'skipped', undefined],
        [120, 'early', 'pending', 'planned'],
        [180, 'all', 'pending', 'sent_early'],
        [120, 'all', 'pending', 'sent_early'],
      ]),
    );
    goTo(BEFORE_NIGHT);
    assert.deepEqual(await look(), [[120, specialist_id]]);
    const early = (await schedule(id)).find(({ state }) => state === 'emitted');
    assert.deepEqual(early?.people, ['specialist under_way'], 'the client is not told of it');
    assert.deepEqual((await specialists()).slice(2), [
      [180, 'all', 'pending', 'sent_early'],
      [120, 'all', 'pending', 'sent_early'],
    ]);
  });

  test('of a zone that this runtime does not know leave what went in the schedule', async (t) => {
    const { api, salon, database, book, look, goTo, schedule } = await openSchedule(t, databases, [180, 120]);
    await api.ok('PATCH', `/v1/users/${salon.client_id}`, NIGHT);
    const id = await book();
    await look();
    goTo(BEFORE_NIGHT);
    await look();
    await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { reminders: [{ evening_before: '20:00' }, 180, 120] });
    await database.write((tx) => tx.execute("UPDATE users SET time_zone = 'Mars/Olympus'"));
    await database.write((tx) => tx.execute("UPDATE companies SET time_zone = 'Mars/Olympus'"));
    assert.deepEqual((await schedule(id)).map(({ offset, state }) => `${offset} ${state}`).sort(), [
      '120 emitted',
      '180 skipped',
    ]);
  });

  test('follow hours and a clock that are set after the booking was made', async (t) => {
    const { api, salon, book, look, goTo } = await openSchedule(t, databases);
    const client = `/v1/users/${salon.client_id}`;
    await book();
    await api.ok('PATCH', client, { ...NIGHT, time_zone: 'Asia/Yekaterinburg' });
    await look();
    // There it is two hours later: the night begins earlier.
    goTo(BEFORE_NIGHT - 2 * HOUR_MS - 1);
    assert.deepEqual(await look(), []);
    await api.ok('PATCH', client, { time_zone: null });
    await look();
    goTo(BEFORE_NIGHT - HOUR_MS);
    assert.deepEqual(await look(), []);
    goTo(BEFORE_NIGHT);
    assert.deepEqual(await look(), [[120, salon.client_id]]);
  });

  test('that are switched off in time do not go', async (t) => {
    const { api, salon, book, look, goTo } = await openSchedule(t, databases);
    const client = `/v1/users/${salon.client_id}`;
    await api.ok('PATCH', client, NIGHT);
    await book();
    await look();
    await api.ok('PATCH', client, { quiet_hours: { messages: null } });
    goTo(BEFORE_NIGHT);
    assert.deepEqual(await look(), []);
    goTo(START - 2 * HOUR_MS);
    assert.deepEqual(await look(), [[120, null]]);
  });
});
