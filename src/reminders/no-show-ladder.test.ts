import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { dueBookings } from '../db/due-bookings.ts';
import { eraseUser } from '../db/erasure.ts';
import { continuePass } from '../db/reminder-passes.ts';
import { createReminderReader } from '../db/reminder-reads.ts';
import { outdoneFor } from '../domain/reminders.ts';
import { closeDueWindows } from '../moves/move-windows.ts';
import { remindDue } from './remind-due.ts';

const HOUR_MS = 3_600_000;
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480 };
const STARTS_AT = Date.parse('2026-12-28T11:00:00Z');
const hoursBefore = (hours: number) => new Date(STARTS_AT - hours * HOUR_MS);

/** A salon with this ladder whose booking begins in 48 hours; nothing happens but what a test asks for. */
async function openLadder(t: TestContext, { open }: TestDatabases, no_show_ladder: object | null = LADDER) {
  const database = await open(t);
  let now = hoursBefore(49);
  let events = 0;
  const api = await startTestApi(t, { database, clock: () => now });
  const salon = await makeSalon(api);
  const company = `/v1/companies/${salon.company_id}`;
  await api.ok('PATCH', company, { no_show_ladder });
  const client = `/v1/users/${salon.client_id}`;
  now = hoursBefore(48);
  const starts_at = new Date(STARTS_AT).toISOString();
  const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
  const path = `/v1/bookings/${id}`;
  const schedule = async (): Promise<Scheduled[]> => (await api.ok('GET', `${path}/schedule`)).reminders;

  /** As a scheduler that looks then, and finds what it finds; answers what it sent. */
  async function lookAt(at: Date): Promise<string[]> {
    now = at;
    for (let pass = 0; pass < 2; pass += 1) await database.write((tx) => continuePass(tx, salon.company_id, now, 100));
    const ids = await dueBookings(database.read(), now, { room: 10, underWay: new Map() });
    if (ids.length === 0) return [];
    const newId = () => `event-${++events}`;
    const { events: sent } = await database.write((tx) => remindDue(tx, ids, { now, newId }));
    return sent.map(({ type, step, offset, initiated_by }) => `${type} ${step ?? offset} ${initiated_by.role}`);
  }

  return {
    ...{ api, company, client, path, schedule, lookAt, id, clientId: salon.client_id },
    look: (hours: number) => lookAt(hoursBefore(hours)),
    states: async () =>
      (await schedule()).map(
        ({ offset, step, version, state, reason }) => `${version}: ${step ?? offset} ${reason ?? state}`,
      ),
    outdoneOnItsWay: async (offset: number) => {
      const reminders = (await createReminderReader(database)(id)) ?? assert.fail();
      return outdoneFor(salon.client_id, { offset, isEarly: false }, { ...reminders, now });
    },
    stepTimes: async () =>
      (await schedule()).flatMap(({ step, due_at }) => (step === null ? [] : `${step} ${due_at.slice(0, 16)}`)),
    recipientsOf: async (step: string) =>
      (await schedule())
        .find((one) => one.step === step)
        ?.recipients.map(({ role, status, reason }) => `${role} ${reason ?? status}`),
  };
}

interface Scheduled {
  offset: unknown;
  step: string | null;
  version: number;
  due_at: string;
  state: string;
  reason: string | null;
  event_id: string | null;
  recipients: { role: string; status: string; reason: string | null }[];
}

const ASKED = ['booking_reminder 1440 cron'];
const PUSH = ['booking_unconfirmed push cron'];
const CALL = ['booking_unconfirmed call cron'];

describeOnEachDatabase('the no-show ladder', (databases) => {
  test('reminds a client who does not answer, then has them called, each once', async (t) => {
    const world = await openLadder(t, databases);
    assert.deepEqual(await world.look(24), ASKED);
    assert.deepEqual(await world.look(20.1), []);
    assert.deepEqual(await world.look(20), PUSH);
    assert.deepEqual(await world.look(19.9), []);
    assert.deepEqual(await world.look(16), CALL);
    assert.deepEqual(await world.look(15), []);
    assert.deepEqual(await world.look(2), ['booking_reminder 120 cron']);
    assert.deepEqual(await world.states(), ['1: 1440 emitted', '1: push emitted', '1: call emitted', '1: 120 emitted']);
  });

  test('bothers nobody when the client has confirmed', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    await world.api.ok('POST', `${world.path}/confirm`);
    assert.deepEqual(await world.states(), [
      '1: 1440 emitted',
      '1: push confirmed',
      '1: call confirmed',
      '1: 120 pending',
    ]);
    for (const hours of [20, 16]) assert.deepEqual(await world.look(hours), []);
    assert.deepEqual(await world.states(), [
      '1: 1440 emitted',
      '1: push confirmed',
      '1: call confirmed',
      '1: 120 pending',
    ]);
    assert.deepEqual(await world.look(2), ['booking_reminder 120 cron']);
  });

  test('asks anew after a move, whatever was answered before', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    await world.look(20);
    await world.api.ok('POST', `${world.path}/confirm`);
    const starts_at = new Date(STARTS_AT + 48 * HOUR_MS).toISOString();
    await world.api.ok('PATCH', world.path, { starts_at });
    for (const hours of [16, -23.9]) assert.deepEqual(await world.look(hours), []);
    assert.deepEqual(await world.look(-24), ASKED);
    assert.deepEqual(await world.look(-28), PUSH);
    assert.deepEqual(await world.look(-32), CALL);
    assert.deepEqual(
      (await world.states()).filter((line) => line.includes('call') || line.includes('push')),
      ['1: push emitted', '2: push emitted', '2: call emitted'],
    );
  });

  test('bothers nobody about a client who is erased', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    await world.api.database.write((tx) => eraseUser(tx, world.clientId, { told: [], now: hoursBefore(24) }));
    assert.deepEqual((await world.states()).slice(1, 3), ['1: push client_erased', '1: call client_erased']);
    for (const hours of [20, 16]) assert.deepEqual(await world.look(hours), []);
    assert.deepEqual((await world.states()).slice(1, 3), ['1: push client_erased', '1: call client_erased']);
    await world.api.ok('PATCH', world.path, { starts_at: hoursBefore(-1).toISOString() });
    assert.deepEqual(
      (await world.schedule()).map(({ step }) => step),
      [null, null, 'push', 'call', null],
    );
  });

  test('ends with its booking', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    await world.api.ok('POST', `${world.path}/cancel`);
    for (const hours of [20, 16]) assert.deepEqual(await world.look(hours), []);
    assert.deepEqual(await world.states(), [
      '1: 1440 emitted',
      '1: push booking_cancelled',
      '1: call booking_cancelled',
      '1: 120 booking_cancelled',
    ]);
  });

  test('after an outage calls at once, but not a client whom nobody asked', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    assert.deepEqual(await world.look(10), CALL);
    assert.match((await world.states()).join(), /push nearer_reminder/);
    const unasked = await openLadder(t, databases);
    assert.deepEqual(await unasked.look(1), ['booking_reminder 120 cron']);
    assert.deepEqual(await unasked.states(), ['1: 1440 nearer_reminder', '1: 120 emitted']);
  });

  test('does not outdo a question that is still on its way when its steps are due', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    assert.deepEqual(await world.look(20), PUSH);
    assert.equal(await world.outdoneOnItsWay(1440), null);
    await world.look(2);
    assert.equal(await world.outdoneOnItsWay(1440), 'nearer_reminder');
  });

  test('asks with the reminder that the client alone gets before their quiet hours, and counts from when everybody has it', async (t) => {
    const world = await openLadder(t, databases);
    const messages = { from: '10:00', to: '12:00' };
    await world.api.ok('PATCH', world.client, { time_zone: 'UTC', quiet_hours: { messages } });
    assert.deepEqual(await world.look(26), []);
    const stepTimes = ['push 2026-12-27T15:00', 'call 2026-12-27T19:00'];
    assert.deepEqual(await world.stepTimes(), stepTimes);
    assert.deepEqual(await world.look(25.1), ASKED);
    assert.deepEqual(await world.stepTimes(), stepTimes);
    assert.deepEqual(await world.look(24), ASKED);
    assert.equal(await world.outdoneOnItsWay(1440), 'sent_early');
    assert.deepEqual(await world.look(20.1), []);
    assert.deepEqual(await world.look(20), PUSH);
    assert.deepEqual(await world.look(16.1), []);
    assert.deepEqual(await world.look(16), CALL);
    assert.deepEqual(await world.look(15), []);
    assert.deepEqual(await world.look(2), ['booking_reminder 120 cron']);
  });

  test('keeps no reminder that is due between its steps', async (t) => {
    const world = await openLadder(t, databases);
    await world.api.ok('PATCH', world.company, { reminders: [1440, 1080, 120] });
    assert.deepEqual(await world.look(24), ASKED);
    assert.deepEqual(await world.look(20), PUSH);
    assert.deepEqual(await world.look(18), ['booking_reminder 1080 cron']);
    assert.deepEqual(await world.look(16), CALL);
  });

  test('that is switched on after the reminder has none follow it; switched off, nothing more follows', async (t) => {
    const world = await openLadder(t, databases, null);
    await world.look(24);
    await world.api.ok('PATCH', world.company, { no_show_ladder: LADDER });
    assert.deepEqual(await world.look(15), []);
    assert.deepEqual(await world.states(), ['1: 1440 emitted', '1: 120 pending']);
    const off = await openLadder(t, databases);
    await off.look(24);
    await off.api.ok('PATCH', off.company, { no_show_ladder: null });
    for (const hours of [20, 16]) assert.deepEqual(await off.look(hours), []);
  });

  test('is looked at when its minutes are others', async (t) => {
    const world = await openLadder(t, databases);
    await world.look(24);
    await world.api.ok('PATCH', world.company, { no_show_ladder: { ...LADDER, push_after_min: 60 } });
    assert.deepEqual(await world.look(23), PUSH);
  });
});

describeOnEachDatabase('the schedule of a booking whose client is asked', (databases) => {
  test('tells what would follow, and whom it would reach', async (t) => {
    const world = await openLadder(t, databases);
    assert.deepEqual(await world.states(), ['1: 1440 pending', '1: push pending', '1: call pending', '1: 120 pending']);
    const [, push, call] = await world.schedule();
    assert.deepEqual(
      [push?.due_at, call?.due_at, push?.offset],
      [hoursBefore(20).toISOString(), hoursBefore(16).toISOString(), 1440],
    );
    assert.deepEqual(await world.recipientsOf('push'), [
      'client no_channel',
      'specialist other_step',
      'admin other_step',
    ]);
    assert.deepEqual(await world.recipientsOf('call'), [
      'admin planned',
      'client other_step',
      'specialist setting_off',
    ]);
    await world.look(24);
    await world.look(20);
    assert.deepEqual(await world.recipientsOf('push'), ['client under_way']);
  });

  test('says what comes too late', async (t) => {
    const evening = { ask: { evening_before: '19:00' }, push_after_min: 600, call_after_min: 1200 };
    const world = await openLadder(t, databases, null);
    await world.api.ok('PATCH', world.company, { reminders: [evening.ask], no_show_ladder: evening });
    assert.deepEqual(await world.states(), ['1: [object Object] pending', '1: push pending', '1: call too_late']);
  });
});

describeOnEachDatabase('a booking that is moved nearer than its question', (databases) => {
  const at = (hours: number) => hoursBefore(hours).toISOString();
  const OF_THE_LADDER = /ask|push|call/;

  /** 48 hours before the booking, as `openLadder`, with what the outbox holds of its moves. */
  async function openMoved(t: TestContext) {
    const world = await openLadder(t, databases);
    const { api, path } = world;
    return {
      ...world,
      moveTo: (starts_at: string, headers = {}) => api.ok('PATCH', path, { starts_at }, headers),
      offsets: async () =>
        (await api.outbox()).flatMap(({ type, offset }) => (type === 'booking_rescheduled' ? [offset ?? null] : [])),
      steps: async () => (await world.states()).filter((line) => OF_THE_LADDER.test(line)),
      close: (hours: number) => {
        const now = hoursBefore(hours);
        return api.database.write((tx) => closeDueWindows(tx, [world.id], now));
      },
    };
  }

  test('asks with the message about the move, and counts from it', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(28));
    assert.deepEqual(await world.offsets(), [1440]);
    assert.deepEqual(await world.states(), [
      '2: ask emitted',
      '2: 1440 start_set_later',
      '2: push pending',
      '2: call pending',
      '2: 120 pending',
    ]);
    assert.deepEqual(await world.recipientsOf('ask'), ['client under_way']);
    assert.deepEqual(await world.look(48), []);
    assert.deepEqual(await world.look(44.1), []);
    assert.deepEqual(await world.look(44), PUSH);
    assert.deepEqual(await world.look(40), CALL);
  });

  test('by its client, or not that near, asks nothing with the move', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(28), { 'x-initiated-by-user-id': String(world.clientId) });
    await world.close(47);
    await world.moveTo(at(-48));
    await world.close(46);
    assert.deepEqual(await world.offsets(), [null, null]);
    assert.deepEqual(await world.look(-24), ['booking_reminder 1440 cron']);
  });

  test('to a time that the client has confirmed asks nothing', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(28));
    await world.api.ok('POST', `${world.path}/confirm`);
    await world.moveTo(at(-48));
    await world.close(47);
    await world.moveTo(at(28));
    await world.close(46);
    assert.deepEqual(await world.offsets(), [1440, null, null]);
    for (const hours of [44, 40]) assert.deepEqual(await world.look(hours), []);
  });

  test('several times at once is asked about once, when the message goes', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(0.5));
    await world.moveTo(at(27));
    await world.moveTo(at(28));
    assert.deepEqual(await world.offsets(), [null]);
    // Before the window closes nothing counts, and the look has nothing to wait for but the reminder.
    assert.deepEqual(await world.look(48), []);
    assert.deepEqual(await world.steps(), []);
    await world.close(47);
    assert.deepEqual(await world.offsets(), [null, 1440]);
    assert.deepEqual(await world.steps(), ['4: ask emitted', '4: push pending', '4: call pending']);
    assert.deepEqual(await world.look(43), PUSH);
  });

  test('and back in one goes on with the question that stands, and asks none where there is none', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(28));
    await world.moveTo(at(27));
    await world.moveTo(at(28));
    await world.close(47);
    const stepTimes = ['push 2026-12-26T15:00', 'call 2026-12-26T19:00'];
    assert.deepEqual(await world.offsets(), [1440, 1440]);
    assert.deepEqual((await world.steps()).slice(-3), ['4: ask emitted', '4: push pending', '4: call pending']);
    assert.deepEqual((await world.stepTimes()).slice(-2), stepTimes);
    assert.deepEqual(await world.look(44), PUSH);

    const quiet = await openMoved(t);
    await quiet.moveTo(at(28), { 'x-initiated-by-user-id': String(quiet.clientId) });
    await quiet.moveTo(at(27));
    await quiet.moveTo(at(28));
    await quiet.close(47);
    assert.deepEqual(await quiet.offsets(), [null, null]);
    for (const hours of [44, 40]) assert.deepEqual(await quiet.look(hours), []);
  });

  test('asks before a reminder that goes ahead of the window, and what follows is not forgotten', async (t) => {
    const world = await openMoved(t);
    await world.api.ok('PATCH', world.company, { reminders: [1440, 1190, 120] });
    await world.look(48);
    await world.moveTo(at(0.5));
    await world.moveTo(at(28));
    assert.deepEqual(await world.offsets(), [null]);
    // Ten minutes on the reminder is due: what waits goes ahead of it, and asks.
    assert.deepEqual(await world.look(48 - 10 / 60), ['booking_reminder 1190 cron']);
    assert.deepEqual(await world.offsets(), [null, 1440]);
    await world.look(47.8);
    assert.deepEqual(await world.look(43.8), PUSH);
  });
});
