import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Card } from '#src/db/bot-entities.ts';
import { Booking } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import { ask, pressLast } from './support/bot-talk.ts';
import { answerTo, booked, chatOf, dataOf, forge, look, message, messagesOf, press } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const NOT_FOUND = 'Запись не найдена';
const OUTDATED = 'Данные устарели. Показываю, как сейчас.';
const GONE = 'Эта кнопка устарела. Откройте запись заново.';
const NOON = { starts_at: '2027-01-29T09:00:00Z' };

const bookings = ({ database }: Vestnik) => findRows(database.read(), Booking, {}, { orderBy: { id: 'asc' } });

/** Every action that names a booking, as any of the chats' buttons would. */
const ACTIONS = (id: number | string) => [
  `bkn:edit:${id}`,
  `bkn:hide:${id}`,
  `bkn:back:${id}`,
  `bke:menu:${id}:card`,
  `bke:cancel:${id}:card`,
  `bke:confirm_cancel:${id}:card`,
  `bke:back:${id}:bookings`,
  `bke:reschedule:${id}`,
];

/** Two companies, each with a booking that everybody there has heard of. */
async function openTwo(t: TestContext) {
  const vestnik = await startVestnik(t);
  const [own, foreign] = [await openSalon(vestnik), await openSalon(vestnik, { client: { name: 'Секрет' } })];
  return { vestnik, own, ownId: await booked(vestnik, own), foreign, foreignId: await booked(vestnik, foreign) };
}

/** Presses them all under every message of the person's, each answered with this, and finds nothing changed or shown. */
async function refused(vestnik: Vestnik, salon: Salon, person: Person, datas: string[], answer = NOT_FOUND) {
  const before = { chat: messagesOf(vestnik, salon, person).map(look), bookings: await bookings(vestnik) };
  for (const position of before.chat.keys())
    for (const data of datas) assert.equal(await forge(vestnik, salon, person, data, position), answer, data);
  const after = { chat: messagesOf(vestnik, salon, person).map(look), bookings: await bookings(vestnik) };
  assert.deepEqual(after, before);
}

describe('a forged button', () => {
  test('about another company’s booking reveals nothing and changes nothing, whoever presses it', async (t) => {
    const { vestnik, own, ownId, foreignId } = await openTwo(t);
    for (const person of ['client', 'specialist', 'admin'] as const) {
      // Besides a booking's message also one that any booking may be opened in, and one that is of no booking.
      await ask(vestnik, chatOf(own, person), '/bookings');
      await pressLast(vestnik, chatOf(own, person), `bke:menu:${ownId}:bookings`);
      await ask(vestnik, chatOf(own, person), '/help');
      await refused(vestnik, own, person, ACTIONS(foreignId));
    }
  });

  test('about a booking that cannot be is refused as one that is not there', async (t) => {
    const { vestnik, own } = await openTwo(t);
    const nonsense = ['0', '-1', '1e3', '99999999999', '2147483647', '', 'x', '１', '1 OR 1=1'];
    await refused(vestnik, own, 'admin', [...nonsense.flatMap(ACTIONS), 'bke:', 'bkn:edit', 'bke:nothing:1:card']);
    await refused(vestnik, own, 'client', ['bkr:confirm'], OUTDATED);
    await refused(vestnik, own, 'client', ['zzz:1', 'bkl:bookings:x', 'x'.repeat(64)], '');
  });

  test('about a colleague’s booking, or an admin’s under a client’s message, does nothing', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const { id: second } = await salon.book(null, {
      specialist_id: salon.people.other_specialist.id,
      client_id: salon.people.other_admin.id,
    });
    await vestnik.settled();
    for (const person of ['other_specialist', 'specialist', 'client'] as const)
      await ask(vestnik, chatOf(salon, person), '/help');
    await refused(vestnik, salon, 'other_specialist', ACTIONS(id));
    await refused(vestnik, salon, 'specialist', ACTIONS(second));
    await refused(vestnik, salon, 'client', ACTIONS(second));
    await refused(vestnik, salon, 'client', [`bkn:edit:${id}`, `bkn:hide:${id}`, `bkn:back:${id}`]);
    await refused(vestnik, salon, 'specialist', [`bkn:edit:${id}`, `bkn:hide:${id}`, `bkn:back:${id}`]);
  });

  test('of settings, lists and groups opens nobody else’s', async (t) => {
    const { vestnik, own, foreign } = await openTwo(t);
    const user = foreign.people.client.id;
    const theirs = [`bks:open:${user}`, `bks:lang:${user}:en`, `bks:ads:${user}:off`];
    await refused(vestnik, own, 'client', theirs, 'Это больше недоступно');
    const { locale, ads_opt_out } = (await vestnik.call('GET', `/v1/users/${user}`)).body;
    assert.deepEqual([locale, ads_opt_out], ['ru', false]);
    const { telegram } = vestnik;
    telegram.registerGroup({ id: -91, title: 'Смена' });
    telegram.sendText(chatOf(own, 'admin'), '/link', { chatId: -91 });
    const shown = await telegram.until(() => telegram.messages(-91).find(({ outgoing }) => outgoing));
    const forced = telegram.pressButton(
      ...([chatOf(own, 'admin'), shown.message_id, `bkg:link:${foreign.companyId}`, -91] as const),
      { forged: true },
    );
    assert.equal(await answerTo(vestnik, forced), 'Это может только администратор компании');
    const { items } = (await vestnik.call('GET', `/v1/users?company_id=${foreign.companyId}&role=admin`)).body;
    assert.equal(
      items.some(({ tg_id }: { tg_id: number | null }) => tg_id === -91),
      false,
    );
  });

  test('of a person whom the booking has left reveals nothing of what came after', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const change = { specialist_id: salon.people.other_specialist.id, ...NOON };
    await vestnik.call('PATCH', `/v1/bookings/${id}`, change);
    await vestnik.settled();
    await eventually(() => assert.deepEqual(dataOf(message(vestnik, salon, 'specialist')), []));
    for (const data of ACTIONS(id)) {
      assert.match(await forge(vestnik, salon, 'specialist', data), /^(Запись не найдена|Данные устарели.*|)$/);
      assert.doesNotMatch(JSON.stringify(messagesOf(vestnik, salon, 'specialist')), /29\.01\.2027|Вера/);
    }
    assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
  });

  test('of a stranger who was sent the message does nothing', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const { chat, id: user } = salon.people.client;
    await vestnik.call('PATCH', `/v1/users/${user}`, { tg_id: null });
    await refused(vestnik, salon, 'client', ACTIONS(id));
    await vestnik.database.write((tx) => tx.nativeDelete(Card, { chat_id: chat }));
    await refused(vestnik, salon, 'client', ACTIONS(id));
    await refused(vestnik, salon, 'client', ['bkr:confirm', 'bkr:noop'], GONE);
  });
});

test('a forged confirmation, of a question that was never asked, cancels nothing', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const id = await booked(vestnik, salon);
  const confirm = `bke:confirm_cancel:${id}:card`;
  for (const person of ['client', 'specialist', 'admin'] as const) {
    await refused(vestnik, salon, person, [confirm, 'bkr:confirm'], OUTDATED);
    await press(vestnik, salon, person, person === 'admin' ? `bkn:edit:${id}` : `bke:menu:${id}:card`);
    assert.equal(await forge(vestnik, salon, person, confirm), OUTDATED);
  }
  assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 1);
});

describe('a button that is too late', () => {
  const steps = (id: number, person: Person) => [
    person === 'admin' ? `bkn:edit:${id}` : `bke:menu:${id}:card`,
    `bke:cancel:${id}:card`,
  ];

  for (const person of ['client', 'specialist', 'admin'] as const)
    test(`says so to the ${person} whose booking was moved under the question, and shows it anew`, async (t) => {
      const vestnik = await startVestnik(t);
      const salon = await openSalon(vestnik);
      const id = await booked(vestnik, salon);
      for (const data of steps(id, person)) await press(vestnik, salon, person, data);
      await vestnik.call('PATCH', `/v1/bookings/${id}`, { ...NOON, notify: false });
      assert.equal(await forge(vestnik, salon, person, `bke:confirm_cancel:${id}:card`), OUTDATED);
      const { status, version } = (await vestnik.call('GET', `/v1/bookings/${id}`)).body;
      assert.deepEqual([status, version], ['created', 2]);
      await eventually(() => {
        const card = message(vestnik, salon, person);
        assert.match(card.text, /🕐 29\.01\.2027 12:00/);
        assert.equal(dataOf(card)[0], person === 'admin' ? `bkn:edit:${id}` : `bke:menu:${id}:card`);
      });
    });

  test('shows an older version of the booking than there is, and acts on none', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    for (const data of steps(id, 'client')) await press(vestnik, salon, 'client', data);
    // As by something that knows of bookings but not of cards: the question still stands open.
    await vestnik.database.write((tx) => tx.nativeUpdate(Booking, { id }, { version: 2 }));
    assert.equal(await press(vestnik, salon, 'client', `bke:confirm_cancel:${id}:card`), OUTDATED);
    const { status, version } = (await vestnik.call('GET', `/v1/bookings/${id}`)).body;
    assert.deepEqual([status, version], ['created', 2]);
    for (const data of steps(id, 'client')) await press(vestnik, salon, 'client', data);
    assert.equal(await press(vestnik, salon, 'client', `bke:confirm_cancel:${id}:card`), 'Запись отменена');
  });

  test('of a booking that somebody else has cancelled cancels it no second time', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    for (const data of steps(id, 'client')) await press(vestnik, salon, 'client', data);
    await vestnik.call('POST', `/v1/bookings/${id}/cancel`);
    await vestnik.settled();
    for (const data of [...steps(id, 'client'), `bke:confirm_cancel:${id}:card`, `bke:reschedule:${id}`])
      assert.equal(await forge(vestnik, salon, 'client', data), OUTDATED, data);
    assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
    assert.match(message(vestnik, salon, 'client').text, /❌ Запись отменена$/);
  });

  test('of a dialogue does nothing to the booking that was moved under it', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'client', `bke:reschedule:${id}`);
    const day = dataOf(message(vestnik, salon, 'client')).find((data) => data.startsWith('bkr:day:')) ?? '';
    await vestnik.call('PATCH', `/v1/bookings/${id}`, { ...NOON, notify: false });
    for (const data of [day, 'bkr:time:2027-01-28T10:00Z', 'bkr:confirm'])
      assert.equal(await forge(vestnik, salon, 'client', data), OUTDATED, data);
    assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
  });
});
