import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ShownMessage } from '#sandbox/telegram/chats.ts';
import { Card } from '#src/db/bot-entities.ts';
import { User } from '#src/db/entities.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { booked, chatOf, dataOf, lastLine, look, message, messagesOf, press } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { advertise, openSalon, type Person, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

describe('messages about bookings', () => {
  test('have the buttons of their reader, and are known with the delivery log', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik, { other_admin: { tg_id: null } });
    const id = await booked(vestnik, salon);
    const menu = [`bke:menu:${id}:card`];
    assert.deepEqual(dataOf(message(vestnik, salon, 'client')), menu);
    assert.deepEqual(dataOf(message(vestnik, salon, 'specialist')), menu);
    assert.deepEqual(dataOf(message(vestnik, salon, 'admin')), [`bkn:edit:${id}`, `bkn:hide:${id}`]);
    const cards = await vestnik.database.read().find(Card, {}, { orderBy: { user_id: 'asc' } });
    const logged = await vestnik.database
      .read()
      .find(Delivery, { channel: 'telegram' }, { orderBy: { user_id: 'asc' } });
    const places = (
      rows: { user_id: number; chat_id?: number | null | undefined; message_id?: number | null | undefined }[],
    ) => rows.map(({ user_id, chat_id, message_id }) => [user_id, chat_id, message_id]);
    assert.equal(cards.length, 3);
    assert.deepEqual(places(cards), places(logged));
    assert.deepEqual(
      cards.map(({ audience, version, stale }) => [audience, version, stale]),
      [
        ['client', 1, false],
        ['specialist', 1, false],
        ['admin', 1, false],
      ],
    );
  });

  test('about a booking that is over have none but the admin’s to hide it', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await vestnik.call('POST', `/v1/bookings/${id}/cancel`);
    await vestnik.settled();
    assert.deepEqual(dataOf(message(vestnik, salon, 'client', 1)), []);
    assert.deepEqual(dataOf(message(vestnik, salon, 'specialist', 1)), []);
    assert.deepEqual(dataOf(message(vestnik, salon, 'admin', 1)), [`bkn:hide:${id}`]);
  });
});

describe('pressed buttons', () => {
  test('open an admin’s menu, and restore the notification to the byte', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik, { client: { name: '<b>Иван</b> & "Co"' } });
    const id = await booked(vestnik, salon);
    const sent = look(message(vestnik, salon, 'admin'));
    await press(vestnik, salon, 'admin', `bkn:edit:${id}`);
    const menu = message(vestnik, salon, 'admin');
    assert.deepEqual(dataOf(menu), [`bke:reschedule:${id}`, `bke:cancel:${id}:card`, `bkn:back:${id}`]);
    await press(vestnik, salon, 'admin', `bke:cancel:${id}:card`);
    assert.match(message(vestnik, salon, 'admin').text, /^❓ Отменить запись #\d+\?\n\n👤 <b>Иван<\/b> & "Co"\n/);
    await press(vestnik, salon, 'admin', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'admin', `bkn:back:${id}`);
    assert.deepEqual(look(message(vestnik, salon, 'admin')), sent);
  });

  test('restore the ad that was sent, also when it has ended since', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const template = await advertise(vestnik, salon);
    const id = await booked(vestnik, salon);
    const sent = look(message(vestnik, salon, 'client'));
    assert.match(sent.text, /Скидка 20%$/);
    const valid_until = new Date(Date.now() + 300).toISOString();
    await vestnik.call('PATCH', `/v1/ad-templates/${template.id}`, { valid_until });
    await eventually(() => assert.equal(Date.now() > Date.parse(valid_until), true));
    await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'client', `bke:back:${id}:card`);
    assert.deepEqual(look(message(vestnik, salon, 'client')), sent);
  });

  test('cancel for a client, tell the others who did it, and edit what was shown', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon, 'admin');
    await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'client', `bke:cancel:${id}:card`);
    assert.equal(await press(vestnik, salon, 'client', `bke:confirm_cancel:${id}:card`), 'Запись отменена');
    await vestnik.settled();
    assert.equal(shown(vestnik, salon, 'client').length, 1);
    assert.equal(lastLine(message(vestnik, salon, 'client')), '❌ Вы отменили запись');
    assert.match(message(vestnik, salon, 'admin').text, /^❌ Запись #\d+ отменена клиентом/);
    assert.match(message(vestnik, salon, 'specialist', 1).text, /^❌ Запись #\d+ отменена клиентом/);
    await eventually(() => {
      const older = message(vestnik, salon, 'specialist');
      assert.match(older.text, /^📅 Новая запись/);
      assert.equal(lastLine(older), '❌ Запись отменена клиентом');
      assert.deepEqual(dataOf(older), []);
    });
  });

  test('hide an admin’s message', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await press(vestnik, salon, 'admin', `bkn:hide:${id}`);
    assert.deepEqual(messagesOf(vestnik, salon, 'admin'), []);
    assert.equal(await vestnik.database.read().count(Card, { chat_id: chatOf(salon, 'admin') }), 0);
  });

  test('of one message in a group act for whichever admin pressed', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { telegram } = vestnik;
    const group = { id: -700_001, title: 'Админы' };
    telegram.registerGroup(group);
    await vestnik.database.write((tx) =>
      tx.insert(User, {
        ...{ company_id: salon.companyId, role: 'admin', name: group.title, tg_id: group.id, locale: 'ru' },
        ...{ ads_opt_out: false, created_at: new Date() },
      }),
    );
    const id = await booked(vestnik, salon);
    const inGroup = () => telegram.messages(group.id).filter(({ outgoing }) => outgoing);
    const [card] = inGroup();
    assert.deepEqual(card && dataOf(card), [`bkn:edit:${id}`, `bkn:hide:${id}`]);
    const by = async (person: Person, data: string) => {
      const pressed = telegram.pressButton(chatOf(salon, person), card?.message_id ?? 0, data, group.id);
      return (await telegram.until(() => pressed.answer())).text;
    };
    await by('admin', `bkn:edit:${id}`);
    await eventually(() => assert.equal(dataOf(inGroup()[0] as ShownMessage).includes(`bke:cancel:${id}:card`), true));
    await by('other_admin', `bke:cancel:${id}:card`);
    const confirm = `bke:confirm_cancel:${id}:card`;
    await eventually(() => assert.equal(dataOf(inGroup()[0] as ShownMessage).includes(confirm), true));
    assert.deepEqual((await Promise.all([by('admin', confirm), by('other_admin', confirm)])).sort(), [
      '',
      'Запись отменена',
    ]);
    await vestnik.settled();
    assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
  });
});
