import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { ASKED, CALL, HOUR_MS, hoursBefore, LADDER, openLadder, PUSH, STARTS_AT } from '#test/support/ladder-salon.ts';
import { eraseUser } from '../db/erasure.ts';

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

  test('asks with the reminder that the client alone gets before their quiet hours, and counts from then', async (t) => {
    const world = await openLadder(t, databases);
    const messages = { from: '10:00', to: '12:00' };
    await world.api.ok('PATCH', world.client, { time_zone: 'UTC', quiet_hours: { messages } });
    assert.deepEqual(await world.look(26), []);
    assert.deepEqual(await world.stepTimes(), ['push 2026-12-27T13:50', 'call 2026-12-27T17:50']);
    assert.deepEqual(await world.look(25.1), ASKED);
    assert.deepEqual(await world.stepTimes(), ['push 2026-12-27T13:54', 'call 2026-12-27T17:54']);
    assert.deepEqual(await world.look(24), ASKED);
    assert.equal(await world.outdoneOnItsWay(1440), 'sent_early');
    assert.deepEqual(await world.look(21.2), []);
    assert.deepEqual(await world.look(21.1), PUSH);
    assert.deepEqual(await world.look(17.2), []);
    assert.deepEqual(await world.look(17.1), CALL);
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
