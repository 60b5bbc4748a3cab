import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, type TestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { CALL, hoursBefore, LADDER, openLadder, PUSH } from '#test/support/ladder-salon.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { Company } from '../db/entities.ts';
import { storedCases } from '../db/reminder-work.ts';
import type { MoveEvent } from '../domain/move-windows.ts';
import { askWithMoves } from './ask-with-moves.ts';
import { closeDueWindows } from './move-windows.ts';

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
    assert.deepEqual(await world.steps(), ['2: ask emitted', '2: push pending', '2: call pending']);
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

  test('asks once where two messages tell of the same time at once', async (t) => {
    const world = await openMoved(t);
    await world.moveTo(at(0.5));
    await world.moveTo(at(28));
    await world.api.ok('PATCH', world.path, { starts_at: at(27), notify: false });
    const another = { company_id: world.companyId, role: 'specialist', name: 'Ольга' };
    const { id: specialist_id } = await world.api.ok('POST', '/v1/users', another);
    // Another specialist hears at once, and what waits goes ahead of it.
    await world.api.ok('PATCH', world.path, { starts_at: at(28), specialist_id });
    assert.deepEqual(await world.offsets(), [null, 1440, 1440]);
    assert.deepEqual(await world.steps(), ['5: ask emitted', '5: push pending', '5: call pending']);
  });

  test('together with others is asked about in three statements, and in none where no start was set', async (t) => {
    const world = await openMoved(t);
    const { api } = world;
    const other = await openOther({ ...world, starts_at: at(0) });
    for (const move of [world.moveTo, other.moveTo]) await move(at(28));
    const moves = (await api.outbox()).filter((event): event is MoveEvent => event.type === 'booking_rescheduled');
    const stored = await storedCases(api.database.read(), [world.id, other.id]);
    const unasked = stored.map((one) => ({ ...one, key: null, due_at: null, decided_at: null }));
    const plans = (of: MoveEvent[]) =>
      plansOf(api.database, (sql) => askWithMoves(sql, of, hoursBefore(48)), [unasked]);
    assert.deepEqual([moves.length, (await plans(moves)).length], [2, 3]);
    const lasting = moves.map((move) => ({ ...move, change: { ...move.change, from: move.change.to } }));
    assert.deepEqual(await plans(lasting), []);
  });

  const EVENING = JSON.stringify({ ...LADDER, ask: { evening_before: '19:00' }, since: at(60) });
  for (const [what, change] of [
    ['rules', { reminders: 'x' }],
    ['a ladder', { no_show_ladder: '{' }],
    ['a zone', { no_show_ladder: EVENING, time_zone: 'Mars/Olympus' }],
  ] as const)
    test(`asks nothing where ${what} cannot be read, and keeps no other's news`, async (t) => {
      const world = await openMoved(t);
      const { database } = world.api;
      const other = await openOther({ ...world, starts_at: at(0) });
      for (const move of [world.moveTo, other.moveTo]) {
        await move(at(0.5));
        await move(at(28));
      }
      await database.write((tx) => tx.nativeUpdate(Company, { id: world.companyId }, change));
      const sent = await database.write((tx) => closeDueWindows(tx, [world.id, other.id], hoursBefore(47)));
      assert.deepEqual(
        sent.map(({ booking_id, offset }) => [booking_id, offset ?? null]),
        [
          [world.id, null],
          [other.id, 1440],
        ],
      );
      await world.moveTo(at(27));
    });
});

/** A booking of another company, which asks as this one does. */
async function openOther({ api, starts_at }: { api: TestApi; starts_at: string }) {
  const salon = await makeSalon(api);
  await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { no_show_ladder: LADDER });
  const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
  return { id, moveTo: (to: string) => api.ok('PATCH', `/v1/bookings/${id}`, { starts_at: to }) };
}
