import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { VirtualBrowser } from '#sandbox/push/virtual-browser.ts';
import { dataOf, forge, messagesOf, press } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { received, startPush } from './support/push.ts';
import { openSalon, type Person, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480 };
/** Several looks of the scheduler. */
const SOON_MS = 20_000;

/** A salon that asks, with a booking in 30 hours, under a clock that the test moves; the client has Telegram and a browser. */
async function openAskingSalon(t: TestContext) {
  let ahead = 0;
  const push = await startPush(t);
  const vestnik = await startVestnik(t, { env: push.env, clock: () => new Date(Date.now() + ahead) });
  const salon = await openSalon(vestnik);
  const browser = push.createVirtualBrowser();
  await push.subscribe(vestnik, salon, 'client', browser);
  await vestnik.call('PATCH', `/v1/companies/${salon.companyId}`, { no_show_ladder: LADDER });
  const starts_at = new Date(Date.now() + 30 * HOUR_MS).toISOString();
  const { id } = await salon.book(null, { starts_at });
  await vestnik.settled();
  const texts = (person: Person) => messagesOf(vestnik, salon, person).map(({ text }) => text);
  return {
    ...{ vestnik, salon, browser, id: Number(id), texts },
    pass: (ms: number) => {
      ahead += ms;
    },
    now: () => Date.now() + ahead,
    booking: async () => (await vestnik.call('GET', `/v1/bookings/${id}`)).body,
    reminders: async () =>
      (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body.reminders
        .filter(({ step, only_user }: Record<string, unknown>) => step === null && only_user === null)
        .map(({ offset, state }: Record<string, unknown>) => `${offset} ${state}`)
        .join(),
    steps: async () =>
      (await vestnik.call('GET', `/v1/bookings/${id}/schedule`)).body.reminders.flatMap(
        ({ step, version, state, reason }: Record<string, unknown>) =>
          step ? [`${version}: ${step} ${reason ?? state}`] : [],
      ),
  };
}

type AskingSalon = Awaited<ReturnType<typeof openAskingSalon>>;

/** The client's last message asks. */
const untilAsked = ({ texts }: AskingSalon) =>
  eventually(() => assert.match(texts('client').at(-1) ?? '', /^⏰[\s\S]+подтвердите, что придёте\.$/), SOON_MS);

const position = (vestnik: Vestnik, salon: Salon, person: Person) => messagesOf(vestnik, salon, person).length - 1;

const titles = (browser: VirtualBrowser) => received(browser).map(({ title }) => title);

test('a client who does not answer is reminded in their browser, then the admins get a number to call', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, browser, id, texts, pass } = world;
  pass(6 * HOUR_MS + 1000);
  await untilAsked(world);
  assert.deepEqual(dataOf(messagesOf(vestnik, salon, 'client').at(-1) ?? assert.fail()), [
    `bkc:confirm:${id}:1`,
    `bke:menu:${id}:card`,
  ]);
  pass(4 * HOUR_MS);
  await eventually(() => assert.deepEqual(titles(browser), ['🔔 Вы ещё не подтвердили запись']), SOON_MS);
  const [notification] = received(browser);
  assert.match(notification?.body ?? '', /подтвердите, что придёте\.$/);
  assert.match(notification?.navigate ?? '', /\/booking#[\w-]{48}$/);
  const before = texts('client').length;
  pass(4 * HOUR_MS);
  for (const person of ['admin', 'other_admin'] as const)
    await eventually(() => assert.match(texts(person).at(-1) ?? '', /^📞 /), SOON_MS);
  await vestnik.settled();
  const card = texts('admin').at(-1) ?? '';
  assert.match(
    card,
    new RegExp(`^📞 Позвоните клиенту: запись #${id} не подтверждена\\n\\n👤 Иван Петров\\n📞 \\+7 999`),
  );
  assert.deepEqual([texts('client').length, titles(browser).length], [before, 1]);
  assert.deepEqual(await world.steps(), ['1: push emitted', '1: call emitted']);

  // The client confirms on the phone: the card tells the other admins not to call.
  await vestnik.call('POST', `/v1/bookings/${id}/confirm`);
  for (const person of ['admin', 'other_admin'] as const)
    await eventually(() => {
      const now = texts(person).at(-1) ?? '';
      assert.doesNotMatch(now, /Позвоните|Please call/);
      assert.match(now, /✅ Клиент подтвердил визит$|✅ The client confirmed$/);
    }, SOON_MS);
});

test('who confirms with one tap is left alone, and the admins see it', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, browser, id, texts, pass } = world;
  pass(6 * HOUR_MS + 1000);
  await untilAsked(world);
  const at = position(vestnik, salon, 'client');
  const data = `bkc:confirm:${id}:1`;
  // Neither the admin, with a button of the client's, nor one about a start that never was.
  assert.equal(await forge(vestnik, salon, 'admin', data), 'Запись не найдена');
  assert.equal(
    await forge(vestnik, salon, 'client', `bkc:confirm:${id}:2`, at),
    'Данные устарели. Показываю, как сейчас.',
  );
  assert.equal((await world.booking()).confirmed_at, null);

  assert.equal(await press(vestnik, salon, 'client', data, at), 'Спасибо! Ждём вас.');
  assert.equal(await forge(vestnik, salon, 'client', data, at), '');
  assert.match(texts('client').at(-1) ?? '', /✅ Вы подтвердили визит$/);
  assert.notEqual((await world.booking()).confirmed_at, null);
  await eventually(() => assert.match(texts('admin').at(-1) ?? '', /✅ Клиент подтвердил визит$/), SOON_MS);

  pass(9 * HOUR_MS);
  await eventually(
    async () => assert.deepEqual(await world.steps(), ['1: push confirmed', '1: call confirmed']),
    SOON_MS,
  );
  await eventually(async () => {
    const rows = await vestnik.database.read().execute("SELECT 1 FROM reminders WHERE offset_key LIKE 'ladder %'");
    assert.equal(rows.length, 2);
  }, SOON_MS);
  await vestnik.settled();
  assert.deepEqual(titles(browser), []);
  assert.doesNotMatch(texts('admin').join(), /Позвоните/);
});

test('a booking that moves is asked about anew', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, id, pass } = world;
  pass(6 * HOUR_MS + 1000);
  await untilAsked(world);
  const asked = position(vestnik, salon, 'client');
  await press(vestnik, salon, 'client', `bkc:confirm:${id}:1`, asked);
  const starts_at = new Date(world.now() + 30 * HOUR_MS).toISOString();
  const moved = (await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at })).body;
  assert.deepEqual([moved.confirmed_at, moved.version], [null, 2]);
  await vestnik.settled();
  assert.equal(
    await forge(vestnik, salon, 'client', `bkc:confirm:${id}:1`, asked),
    'Данные устарели. Показываю, как сейчас.',
  );
  pass(6 * HOUR_MS + 1000);
  await untilAsked(world);
  await press(vestnik, salon, 'client', `bkc:confirm:${id}:2`, position(vestnik, salon, 'client'));
  assert.notEqual((await world.booking()).confirmed_at, null);
});

test('a client whose booking the salon moves nearer is asked by that very message, and called if they say nothing', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, browser, id, texts, pass } = world;
  const moveTo = async (hours: number) => {
    const starts_at = new Date(world.now() + hours * HOUR_MS).toISOString();
    await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at });
    return starts_at;
  };
  const confirmed_start = await moveTo(20);
  await eventually(
    () => assert.match(texts('client').at(-1) ?? '', /^🔄 Ваша запись перенесена[\s\S]+подтвердите, что придёте\.$/),
    SOON_MS,
  );
  await press(vestnik, salon, 'client', `bkc:confirm:${id}:2`, position(vestnik, salon, 'client'));
  await moveTo(21);
  await eventually(() => assert.match(texts('client').at(-1) ?? '', /^🔄[\s\S]+подтвердите, что придёте\.$/), SOON_MS);
  await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: confirmed_start });
  await eventually(() => assert.match(texts('client').at(-1) ?? '', /^🔄[\s\S]+✅ Вы подтвердили визит$/), SOON_MS);
  assert.notEqual((await world.booking()).confirmed_at, null);
  await moveTo(19);
  await eventually(() => assert.match(texts('client').at(-1) ?? '', /^🔄[\s\S]+подтвердите, что придёте\.$/), SOON_MS);
  const before = titles(browser).length;
  pass(4 * HOUR_MS);
  await eventually(() => assert.deepEqual(titles(browser).slice(before), ['🔔 Вы ещё не подтвердили запись']), SOON_MS);
  pass(4 * HOUR_MS);
  await eventually(() => assert.match(texts('admin').at(-1) ?? '', /^📞 Позвоните клиенту/), SOON_MS);
});

test('a client with quiet hours at that time is asked before them, once, and reminded when they are over', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, browser, id, texts, pass } = world;
  const minute = (ms: number) => new Date(world.now() + ms).toISOString().slice(11, 16);
  const messages = { from: minute(5.5 * HOUR_MS), to: minute(10.5 * HOUR_MS) };
  await vestnik.call('PATCH', `/v1/users/${salon.people.client.id}`, { time_zone: 'UTC', quiet_hours: { messages } });
  pass(5.5 * HOUR_MS - 10 * MINUTE_MS + 1000);
  await untilAsked(world);
  assert.ok(dataOf(messagesOf(vestnik, salon, 'client').at(-1) ?? assert.fail()).includes(`bkc:confirm:${id}:1`));
  const before = texts('client').length;
  assert.deepEqual(await world.steps(), ['1: push pending', '1: call pending']);
  pass(4 * HOUR_MS);
  await eventually(async () => assert.match(await world.reminders(), /1440 emitted/), SOON_MS);
  await vestnik.settled();
  assert.deepEqual(titles(browser), []);
  pass(70 * MINUTE_MS);
  await eventually(() => assert.deepEqual(titles(browser), ['🔔 Вы ещё не подтвердили запись']), SOON_MS);
  await vestnik.settled();
  assert.equal(texts('client').length, before);
  assert.deepEqual(await world.steps(), ['1: push emitted', '1: call pending']);
});

test('a call that was on its way when the client confirmed is not made, and the log says why', async (t) => {
  const { vestnik, salon, id, texts } = await openAskingSalon(t);
  await vestnik.call('POST', `/v1/bookings/${id}/confirm`);
  await eventually(() => assert.match(texts('admin').at(-1) ?? '', /✅/), SOON_MS);
  const before = texts('admin').length;
  const event = { type: 'booking_unconfirmed', company_id: salon.companyId, booking_id: id };
  const { body } = await vestnik.call('POST', '/v1/events', { ...event, id: 'late-call' });
  assert.deepEqual(body.ids, ['late-call']);
  await vestnik.settled();
  assert.equal(texts('admin').length, before);
  const log = (await vestnik.call('GET', '/v1/deliveries?event_id=late-call')).body.items;
  const reasons = log.map(({ role, status, reason }: Record<string, unknown>) => `${role} ${status} ${reason}`).sort();
  assert.deepEqual(reasons, [
    'admin suppressed confirmed',
    'admin suppressed confirmed',
    'client suppressed confirmed',
    'specialist suppressed setting_off',
  ]);
  const path = `/v1/deliveries/explain?event_id=late-call&user_id=${salon.people.admin.id}`;
  assert.match(JSON.stringify((await vestnik.call('GET', path)).body), /the client had confirmed/);
});

test('nobody is called about a client who is erased, though the call was on its way', async (t) => {
  const { vestnik, salon, id, texts } = await openAskingSalon(t);
  await vestnik.call('POST', `/v1/users/${salon.people.client.id}/erase`);
  await vestnik.settled();
  const before = texts('admin').length;
  const event = { type: 'booking_unconfirmed', company_id: salon.companyId, booking_id: id };
  await vestnik.call('POST', '/v1/events', { ...event, id: 'late-call' });
  await vestnik.settled();
  assert.equal(texts('admin').length, before);
  const path = `/v1/deliveries/explain?event_id=late-call&user_id=${salon.people.admin.id}`;
  assert.match(JSON.stringify((await vestnik.call('GET', path)).body), /nobody to ask whether they come/);
});

test('a client whom the question did not reach is called all the same', async (t) => {
  const world = await openAskingSalon(t);
  const { vestnik, salon, texts, pass } = world;
  const { client } = salon.people;
  await vestnik.call('PATCH', `/v1/users/${client.id}`, { tg_id: null });
  await vestnik.database.write((tx) => tx.execute('DELETE FROM push_subscriptions'));
  pass(6 * HOUR_MS + 1000);
  await eventually(async () => {
    const { body } = await vestnik.call('GET', `/v1/deliveries?user_id=${client.id}&event_type=booking_reminder`);
    assert.equal(body.items[0]?.reason, 'no_channel');
  }, SOON_MS);
  pass(8 * HOUR_MS);
  await eventually(() => assert.match(texts('admin').at(-1) ?? '', /^📞 Позвоните клиенту/), SOON_MS);
});
