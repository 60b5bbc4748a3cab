import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Card } from '#src/db/bot-entities.ts';
import { booked, chatOf, dataOf, lastLine, look, message, messagesOf, press } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { initiator, openSalon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const THREE_DAYS_MS = 3 * 24 * 3_600_000;

const move = (vestnik: Vestnik, id: number, change: object, by: Record<string, string> = {}) =>
  vestnik.call('PATCH', `/v1/bookings/${id}`, change, by);

const NOON = { starts_at: '2027-01-29T09:00:00Z' };

describe('what is shown lives', () => {
  test('a move through the API edits the older message of each role; the news comes besides', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon, null);
    await move(vestnik, id, NOON, initiator(salon, 'other_admin'));
    await vestnik.settled();
    for (const person of ['client', 'specialist', 'admin'] as const) {
      const news = message(vestnik, salon, person, 1);
      assert.match(news.text, /28\.01\.2027 14:00 → 29\.01\.2027 12:00/);
      await eventually(() => {
        const older = message(vestnik, salon, person);
        assert.match(older.text, /\n🕐 29\.01\.2027 12:00/);
        assert.equal(lastLine(older), '🔄 Запись перенесена');
        assert.deepEqual(dataOf(older), dataOf(news));
      });
      assert.deepEqual(look(message(vestnik, salon, person, 1)), look(news));
      assert.equal(messagesOf(vestnik, salon, person).length, 2);
    }
    await eventually(async () => assert.equal(await vestnik.database.read().count(Card, { stale: true }), 0));
  });

  test('a change that tells nobody is seen all the same', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await vestnik.call('POST', `/v1/bookings/${id}/complete`);
    await eventually(() => {
      assert.equal(lastLine(message(vestnik, salon, 'client')), '✅ Визит состоялся');
      assert.deepEqual(dataOf(message(vestnik, salon, 'admin')), [`bkn:hide:${id}`]);
    });
  });

  test('a specialist whom it has left sees that, and nothing of what comes after', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await move(vestnik, id, { specialist_id: salon.people.other_specialist.id, ...NOON });
    await vestnik.settled();
    await eventually(() => {
      const older = message(vestnik, salon, 'specialist');
      assert.match(
        older.text,
        /^🔄 Запись #\d+ передана другому специалисту\n\n👤 Иван Петров\n🕐 28\.01\.2027 14:00$/,
      );
      assert.deepEqual(dataOf(older), []);
    });
  });

  test('an open question ends when the booking moves under it', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'client', `bke:cancel:${id}:card`);
    await move(vestnik, id, NOON);
    await eventually(() => {
      const card = message(vestnik, salon, 'client');
      assert.match(card.text, /^✅ Вы записаны!\n[\s\S]*29\.01\.2027 12:00/);
      assert.deepEqual(dataOf(card), [`bke:menu:${id}:card`]);
    });
  });

  test('a question that nobody answers gives way to the notification', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const sent = look(message(vestnik, salon, 'client'));
    await press(vestnik, salon, 'client', `bke:menu:${id}:card`);
    await press(vestnik, salon, 'client', `bke:cancel:${id}:card`);
    await vestnik.database.write((tx) =>
      tx.nativeUpdate(Card, { view_expires_at: { $ne: null } }, { view_expires_at: new Date() }),
    );
    await eventually(() => assert.deepEqual(look(message(vestnik, salon, 'client')), sent));
  });

  test('keeps saying which company it is from, to an account of two', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { chat } = salon.people.client;
    await openSalon(vestnik, { client: { tg_id: chat } });
    const id = await booked(vestnik, salon);
    const line = /^🏢 Весна\n\n/;
    const first = () => message(vestnik, salon, 'client');
    assert.match(first().text, line);
    const edits = [`bke:menu:${id}:card`, `bke:reschedule:${id}`, 'bkr:back', `bke:cancel:${id}:card`];
    for (const data of edits) {
      await press(vestnik, salon, 'client', data);
      assert.match(first().text, line, data);
    }
    await move(vestnik, id, NOON);
    await eventually(() => assert.equal(lastLine(first()), '🔄 Запись перенесена'));
    assert.match(first().text, line);
    await vestnik.call('POST', `/v1/bookings/${id}/cancel`);
    await eventually(() => assert.equal(lastLine(first()), '❌ Запись отменена'));
    assert.match(first().text, line);
  });

  test('after 48 hours the buttons go, and the text stays', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const sent = message(vestnik, salon, 'admin').text;
    await press(vestnik, salon, 'admin', `bkn:edit:${id}`);
    await vestnik.database.write((tx) => tx.nativeUpdate(Card, {}, { sent_at: new Date(Date.now() - THREE_DAYS_MS) }));
    await vestnik.restart();
    await eventually(() => {
      for (const person of ['client', 'specialist', 'admin'] as const)
        assert.deepEqual(dataOf(message(vestnik, salon, person)), []);
      assert.equal(message(vestnik, salon, 'admin').text, sent);
    });
    await eventually(async () => assert.equal(await vestnik.database.read().count(Card), 0));
  });

  test('an edit that Telegram makes wait is done later; a chat that blocked the bot is left alone', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon);
    const { telegram } = vestnik;
    telegram.block(chatOf(salon, 'specialist'));
    telegram.fault(
      chatOf(salon, 'client'),
      { kind: 'too_many_requests', retryAfter: 1 },
      { times: 1, methods: ['editMessageText'] },
    );
    await vestnik.call('POST', `/v1/bookings/${id}/no-show`);
    await eventually(() => assert.equal(lastLine(message(vestnik, salon, 'client')), '🚫 Визит не состоялся'));
    await eventually(async () => {
      assert.equal(await vestnik.database.read().count(Card, { chat_id: chatOf(salon, 'specialist') }), 0);
      assert.equal(await vestnik.database.read().count(Card, { stale: true }), 0);
    });
  });
});
