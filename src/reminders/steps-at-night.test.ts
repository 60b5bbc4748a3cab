import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { CALL, LADDER, openLadder, PUSH } from '#test/support/ladder-salon.ts';

const at = (time: string) => new Date(`2026-12-${time}:00Z`);
const NIGHT = { time_zone: 'UTC', quiet_hours: { messages: { from: '22:00', to: '08:00' } } };

/** A salon whose booking begins on the 28th at 11:00, with a client who sleeps before. */
async function openNight(t: TestContext, databases: TestDatabases, ladder: object = LADDER) {
  const world = await openLadder(t, databases, null);
  const { ask } = { ...LADDER, ...ladder };
  await world.api.ok('PATCH', world.company, { reminders: [ask], no_show_ladder: { ...LADDER, ...ladder } });
  await world.api.ok('PATCH', world.client, NIGHT);
  return { ...world, look: (time: string) => world.lookAt(at(time)) };
}

describeOnEachDatabase('the steps of a question whose minutes end at night', (databases) => {
  test('wait for the morning, where the call goes alone, also if the client was asked before the night', async (t) => {
    // Everybody's would be due at three.
    const night = await openNight(t, databases, { ask: 480, push_after_min: 60, call_after_min: 120 });
    const foreseen = ['push 2026-12-28T08:00', 'call 2026-12-28T08:00'];
    assert.deepEqual(await night.stepTimes(), foreseen);
    assert.deepEqual(await night.look('27T21:50'), ['booking_reminder 480 cron']);
    assert.deepEqual(await night.look('28T03:00'), ['booking_reminder 480 cron']);
    for (const time of ['27T23:50', '28T04:00', '28T05:00', '28T07:59']) assert.deepEqual(await night.look(time), []);
    assert.deepEqual(await night.stepTimes(), foreseen);
    assert.deepEqual((await night.states()).slice(-2), ['1: push nearer_reminder', '1: call pending']);
    assert.deepEqual(await night.look('28T08:00'), CALL);
    assert.deepEqual(await night.stepTimes(), foreseen);
    assert.deepEqual((await night.states()).slice(-2), ['1: push nearer_reminder', '1: call emitted']);
  });

  test('wait for it too where a move at night asked', async (t) => {
    const night = await openNight(t, databases, { push_after_min: 60, call_after_min: 600 });
    await night.lookAt(at('27T11:00'));
    await night.look('27T23:30');
    await night.api.ok('PATCH', night.path, { starts_at: at('28T10:00').toISOString() });
    for (const time of ['28T00:30', '28T07:59']) assert.deepEqual(await night.look(time), []);
    assert.deepEqual((await night.stepTimes()).slice(-2), ['push 2026-12-28T08:00', 'call 2026-12-28T09:30']);
    assert.deepEqual(await night.look('28T08:00'), PUSH);
    assert.deepEqual(await night.look('28T09:30'), CALL);
  });

  test('do not go where the booking begins with the morning', async (t) => {
    const night = await openNight(t, databases, { push_after_min: 720, call_after_min: 840 });
    await night.api.ok('PATCH', night.client, { quiet_hours: { messages: { from: '22:00', to: '11:00' } } });
    await night.look('27T11:00');
    assert.deepEqual((await night.states()).slice(1), ['1: push too_late', '1: call too_late']);
    for (const time of ['27T23:00', '28T01:00', '28T10:59', '28T11:00']) assert.deepEqual(await night.look(time), []);
  });

  test('go at once when the client wants no quiet any more', async (t) => {
    const night = await openNight(t, databases, { push_after_min: 720, call_after_min: 1200 });
    await night.look('27T11:00');
    assert.deepEqual(await night.look('27T23:30'), []);
    await night.api.ok('PATCH', night.client, { quiet_hours: { messages: null } });
    assert.deepEqual(await night.look('27T23:31'), PUSH);
  });
});
