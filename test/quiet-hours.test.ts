import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEFAULT_QUIET_HOURS, encodeQuietHours } from '#src/domain/quiet-hours.ts';
import { assertOnce, broadcast, broadcastNow, heard, openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { openPushSalon, received } from './support/push.ts';
import { openSalon, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

/** Half past eleven at night in Moscow. */
const NIGHT = Date.parse('2026-11-23T20:30:00Z');
const MORNING = Date.parse('2026-11-24T05:00:00Z');
const ASLEEP = { quiet_hours: encodeQuietHours(DEFAULT_QUIET_HOURS) };

/** It is night until the morning is asked for. */
async function startAtNight(t: TestContext) {
  let shiftMs = NIGHT - Date.now();
  const vestnik = await startVestnik(t, { clock: () => new Date(Date.now() + shiftMs) });
  return {
    vestnik,
    morning: () => {
      shiftMs = MORNING - Date.now();
    },
  };
}

test('at night an ad goes to those alone who are awake, and to the others in the morning, once', async (t) => {
  const { vestnik, morning } = await startAtNight(t);
  const size = 250;
  const crowd = await openCrowd(vestnik, size, (index) => (index === 7 ? {} : ASLEEP));
  const asleep = crowd.people[0]?.id ?? 0;
  const explained = async (eventId: string) =>
    (await vestnik.call('GET', `/v1/deliveries/explain?event_id=${eventId}&user_id=${asleep}`)).body;

  const { body: preview } = await vestnik.call('POST', '/v1/broadcasts/preview', {
    ...{ company_id: crowd.companyId, audience: {}, content: { tg_html: 'x' }, send_test_to: asleep },
  });
  assert.deepEqual([preview.waiting_quiet, Date.parse(preview.eta) >= MORNING], [size - 1, true]);
  await untilStatus(vestnik, preview.test.broadcast_id, 'completed');
  assert.equal(heard(vestnik, crowd)[0], 1, 'a test is sent at any hour');

  const { id } = await broadcast(vestnik, crowd, {
    audience: { user_ids: crowd.people.slice(1).map((one) => one.id) },
  });
  const waiting = await eventually(async () => {
    const { progress, status } = await broadcastNow(vestnik, id);
    assert.deepEqual([status, progress.sent, progress.waiting_quiet], ['running', 1, size - 2]);
    return progress;
  });
  assert.deepEqual([waiting.remaining, Date.parse(waiting.eta) >= MORNING], [size - 2, true]);
  assert.equal(heard(vestnik, crowd)[7], 1);

  const all = await broadcast(vestnik, crowd, { audience: { user_ids: [asleep] } });
  const why = await eventually(async () => {
    const found = await explained(`broadcast:${all.id}`);
    assert.match(found.explanation, /after their quiet hours, which end at 2026-11-24T05:00:00.000Z/);
    return found;
  });
  assert.equal(why.verdict, 'under_way');
  const step = why.steps.find((one: { step: string }) => one.step === 'quiet_hours');
  assert.deepEqual([step.facts.until, step.facts.time_zone], ['2026-11-24T05:00:00.000Z', 'Europe/Moscow']);

  morning();
  for (const each of [id, all.id]) {
    const { progress } = await untilStatus(vestnik, each, 'completed');
    assert.deepEqual([progress.waiting_quiet, progress.remaining], [0, 0]);
  }
  await vestnik.settled();
  assert.deepEqual(heard(vestnik, crowd).slice(0, 2), [2, 1]);
  assertOnce(vestnik, { ...crowd, people: crowd.people.slice(1) });
  const offers = await vestnik.database
    .read()
    .execute<{ offers: number }[]>('SELECT offers FROM broadcast_chunks WHERE broadcast_id = ?', [id]);
  assert.deepEqual(
    offers.map((chunk) => chunk.offers),
    [2, 2, 2],
    'each chunk is offered when it is cut, and in the morning',
  );
});

test('who sleeps when a reminder is due hears it before, and is not reminded again', async (t) => {
  // A quarter to ten in the evening in Moscow; the booking begins at nine in the morning.
  let shiftMs = Date.parse('2026-11-23T18:45:00Z') - Date.now();
  const goTo = (time: string) => {
    shiftMs = Date.parse(time) - Date.now();
  };
  const vestnik = await startVestnik(t, { clock: () => new Date(Date.now() + shiftMs) });
  const night = { broadcasts: null, messages: { from: '22:00', to: '08:00' } };
  const salon = await openSalon(vestnik, { client: { quiet_hours: night } });
  await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { reminders: [120] });
  const { id } = await salon.book(null, { starts_at: '2026-11-24T06:00:00Z', notify: false });
  const told = (person: 'client' | 'specialist') => shown(vestnik, salon, person).length;

  goTo('2026-11-23T18:50:00Z');
  await eventually(() => assert.equal(told('client'), 1), 10_000);
  assert.equal(told('specialist'), 0);
  goTo('2026-11-24T04:00:00Z');
  await eventually(() => assert.equal(told('specialist'), 1), 10_000);
  await vestnik.settled();
  assert.equal(told('client'), 1);
  const [, ordinary] = (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body.reminders;
  const client = ordinary.recipients.find((one: { role: string }) => one.role === 'client');
  assert.deepEqual([client.status, client.reason], ['suppressed', 'sent_early']);
  const why = `/v1/deliveries/explain?event_id=${ordinary.event_id}&user_id=${salon.people.client.id}`;
  assert.match((await vestnik.call('GET', why)).body.explanation, /reminded before their quiet hours/);
});

test('who was not to be reached before their quiet hours is reminded in them', async (t) => {
  let shiftMs = Date.parse('2026-11-23T18:45:00Z') - Date.now();
  const goTo = (time: string) => {
    shiftMs = Date.parse(time) - Date.now();
  };
  const vestnik = await startVestnik(t, { clock: () => new Date(Date.now() + shiftMs) });
  const night = { broadcasts: null, messages: { from: '22:00', to: '08:00' } };
  const salon = await openSalon(vestnik, { client: { quiet_hours: night } });
  const { client } = salon.people;
  await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { reminders: [120] });
  await vestnik.call('PATCH', `/v1/users/${client.id}`, { tg_id: null });
  const { id } = await salon.book(null, { starts_at: '2026-11-24T06:00:00Z', notify: false });
  const schedule = async () => (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body.reminders;
  const ofClient = (reminder: { recipients: { role: string; status: string; reason: string | null }[] }) =>
    reminder.recipients.filter(({ role }) => role === 'client').map(({ status, reason }) => [status, reason]);

  goTo('2026-11-23T18:50:00Z');
  await eventually(async () => assert.equal((await schedule())[0].state, 'emitted'), 10_000);
  await vestnik.settled();
  assert.deepEqual(ofClient((await schedule())[0]), [['suppressed', 'no_channel']]);
  await vestnik.call('PATCH', `/v1/users/${client.id}`, { tg_id: client.chat });
  assert.deepEqual(ofClient((await schedule())[1]), [['planned', null]]);
  goTo('2026-11-24T04:00:00Z');
  await eventually(() => assert.equal(shown(vestnik, salon, 'client').length, 1), 10_000);
  await vestnik.settled();
  const [, ordinary] = await schedule();
  assert.deepEqual(ofClient(ordinary), [['delivered', null]]);
  assert.equal(shown(vestnik, salon, 'client').length, 1);
});

/** Quiet hours for messages, by the clock of UTC, that began an hour ago. */
function quietNow() {
  const timeIn = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return { time_zone: 'UTC', quiet_hours: { broadcasts: null, messages: { from: timeIn(-1), to: timeIn(1) } } };
}

test('messages about bookings come at once in quiet hours, without a sound in Telegram and in the browser', async (t) => {
  const { vestnik, salon, browser } = await openPushSalon(t, { tg_id: null, ...quietNow() });
  await salon.book('admin');
  await vestnik.settled();
  assert.deepEqual(
    received(browser).map(({ silent }) => silent),
    [true],
  );

  const inTelegram = await openSalon(vestnik, { client: quietNow() });
  const booking = await inTelegram.book('admin');
  await vestnik.settled();
  await vestnik.call('POST', `/v1/bookings/${booking.id}/cancel`);
  await vestnik.settled();
  const silent = (person: 'client' | 'specialist') =>
    vestnik.telegram.messages(inTelegram.people[person].chat).map((message) => message.silent ?? false);
  assert.deepEqual(
    [silent('client'), silent('specialist')],
    [
      [true, true],
      [false, false],
    ],
  );
});
