import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  ADMIN,
  answerOf,
  buttonsOf,
  type CardBot,
  CLIENT,
  cancel,
  MESSAGE,
  moveByApi,
  openCardBot,
  press,
  SPECIALIST,
  shownIn,
  textOf,
} from '#test/support/card-bot.ts';
import { findCard, markCardShown } from '../db/cards.ts';
import { Company } from '../db/entities.ts';
import { encodeLadder } from '../db/no-show-ladder.ts';

const STRANGER = 1999;
const STARTS_AT = new Date('2026-11-24T11:00:00Z');
const NOT_FOUND = 'Запись не найдена';
const OUTDATED = 'Данные устарели. Показываю, как сейчас.';
const THANKS = 'Спасибо! Ждём вас.';
const REMINDER = { id: 'asking', type: 'booking_reminder', offset: 1440 } as const;
const QUESTION = /подтвердите, что придёте/;

/** The client has the reminder that asks them, and the admin the news of the booking. */
async function askedClient(t: TestContext): Promise<CardBot> {
  const bot = await openCardBot(t);
  const ladder = encodeLadder({ ask: 1440, push_after_min: 240, call_after_min: 480, since: new Date(0) });
  await bot.database.write((tx) => tx.nativeUpdate(Company, { id: bot.salon.id }, { no_show_ladder: ladder }));
  await bot.deliver(bot.client, 'client', REMINDER);
  await bot.deliver(bot.admin, 'admin');
  return bot;
}

const confirm = (bot: CardBot, { chat = CLIENT, id = bot.bookingId, version = 1 }: Button = {}) =>
  press(bot, chat, `bkc:confirm:${id}:${version}`);

interface Button {
  chat?: number;
  id?: number;
  version?: number | string;
}

const confirmedStart = async (bot: CardBot) => (await bot.bookingNow())?.confirmed_starts_at;

describe('the button that confirms', () => {
  test('takes the place of the question with the answer, once, and marks the other cards', async (t) => {
    const bot = await askedClient(t);
    assert.deepEqual(answerOf(await confirm(bot)), [THANKS]);
    assert.match(textOf(bot, CLIENT), /\n\n✅ Вы подтвердили визит$/);
    assert.doesNotMatch(textOf(bot, CLIENT), QUESTION);
    assert.deepEqual(buttonsOf(bot, CLIENT), [[`bke:menu:${bot.bookingId}:card`]]);
    const { confirmed_at, confirmed_starts_at, version } = (await bot.bookingNow()) ?? {};
    assert.deepEqual([confirmed_at, confirmed_starts_at, version], [bot.bot.now, STARTS_AT, 1]);
    assert.deepEqual([(await bot.card(CLIENT))?.stale, (await bot.card(ADMIN))?.stale], [false, true]);

    const before = bot.bot.now;
    bot.bot.now = new Date(before.getTime() + 5_000);
    const again = await confirm(bot);
    assert.deepEqual([again.length, answerOf(again)], [1, ['']]);
    assert.deepEqual((await bot.bookingNow())?.confirmed_at, before);
    assert.deepEqual(await bot.events(), []);
  });

  test('shows the admin who looks that the client comes', async (t) => {
    const bot = await askedClient(t);
    await confirm(bot);
    await press(bot, ADMIN, `bkn:back:${bot.bookingId}`);
    assert.match(textOf(bot, ADMIN), /^📅 Новая запись #\d+\n[\s\S]+\n\n✅ Клиент подтвердил визит$/);
  });

  test('of an earlier start confirms nothing, and the message shows the new one', async (t) => {
    const bot = await askedClient(t);
    await moveByApi(bot);
    assert.deepEqual(answerOf(await confirm(bot)), [OUTDATED]);
    assert.match(textOf(bot, CLIENT), /25\.11\.2026 15:30[\s\S]+🔄 Запись перенесена$/);
    assert.doesNotMatch(textOf(bot, CLIENT), QUESTION);
    assert.deepEqual(buttonsOf(bot, CLIENT), [[`bke:menu:${bot.bookingId}:card`]]);
    assert.equal(await confirmedStart(bot), null);
  });

  test('counts for that time alone: what begins elsewhen is asked about anew, another duration changes nothing', async (t) => {
    const bot = await askedClient(t);
    await confirm(bot);
    await moveByApi(bot, { starts_at: undefined, duration_min: 90 });
    await press(bot, ADMIN, `bkn:back:${bot.bookingId}`);
    assert.match(textOf(bot, ADMIN), /🔄 Запись изменена\n\n✅ Клиент подтвердил визит$/);
    await moveByApi(bot);
    await press(bot, ADMIN, `bkn:back:${bot.bookingId}`);
    assert.match(textOf(bot, ADMIN), /🔄 Запись перенесена$/);
    await bot.deliver(bot.client, 'client', { ...REMINDER, id: 'asking-again' });
    const { version = 0, starts_at } = (await bot.bookingNow()) ?? {};
    assert.deepEqual(answerOf(await confirm(bot, { version })), [THANKS]);
    assert.deepEqual(await confirmedStart(bot), starts_at);
  });

  test('of a booking that is over, or has begun, is outdated', async (t) => {
    const bot = await askedClient(t);
    bot.bot.now = new Date('2026-11-24T11:00:00Z');
    assert.deepEqual(answerOf(await confirm(bot)), [OUTDATED]);
    bot.bot.now = new Date('2026-11-23T11:00:00Z');
    await cancel(bot, CLIENT);
    assert.deepEqual(answerOf(await confirm(bot)), [OUTDATED]);
    assert.match(textOf(bot, CLIENT), /❌ Вы отменили запись$/);
    assert.equal(await confirmedStart(bot), null);
  });

  test('works for the client alone, and tells others nothing', async (t) => {
    const bot = await askedClient(t);
    await bot.deliver(bot.specialist, 'specialist');
    for (const chat of [SPECIALIST, ADMIN, STRANGER]) {
      const before = shownIn(bot, chat);
      const said = await confirm(bot, { chat });
      assert.deepEqual(
        said.map(({ kind }) => kind),
        ['answer'],
      );
      assert.deepEqual(answerOf(said), [NOT_FOUND]);
      assert.deepEqual(shownIn(bot, chat), before);
    }
    const starts_at = new Date('2026-11-26T11:00:00Z');
    const theirs = await bot.book(bot.salon, { client: bot.otherAdmin, specialist: bot.specialist }, { starts_at });
    assert.deepEqual(answerOf(await confirm(bot, { id: theirs })), [NOT_FOUND]);
    assert.equal(await confirmedStart(bot), null);
    assert.equal((await bot.bookingNow(theirs))?.confirmed_starts_at, null);
  });

  test('with data that no button of ours holds does nothing', async (t) => {
    const bot = await askedClient(t);
    for (const data of [
      `bkc:confirm:${bot.bookingId}`,
      `bkc:confirm:${bot.bookingId}:1:1`,
      'bkc:confirm::1',
      'bkc:confirm:99999999999:1',
      `bkc:other:${bot.bookingId}:1`,
      'bkc:',
    ])
      assert.deepEqual(answerOf(await press(bot, CLIENT, data)), [NOT_FOUND], data);
    for (const version of ['', '0', '2', '-1', '01', '1e0', '99999999999', "1'--"])
      assert.deepEqual(answerOf(await confirm(bot, { version })), [OUTDATED], version);
    assert.equal(await confirmedStart(bot), null);
  });

  test('acts before the delivery is written down, and the message stays as it is then', async (t) => {
    const bot = await askedClient(t);
    await bot.database.write((tx) => tx.execute('DELETE FROM cards'));
    assert.deepEqual(answerOf(await confirm(bot)), [THANKS]);
    assert.match(textOf(bot, CLIENT), /✅ Вы подтвердили визит$/);
    assert.deepEqual(await confirmedStart(bot), STARTS_AT);
  });
});

test('leaves the menu that somebody has open; behind it the message says that the client comes', async (t) => {
  const bot = await askedClient(t);
  await press(bot, ADMIN, `bkn:edit:${bot.bookingId}`);
  await confirm(bot);
  const card = await bot.card(ADMIN);
  assert.deepEqual([card?.view.kind, card?.stale], ['menu', false]);
  await press(bot, ADMIN, `bkn:back:${bot.bookingId}`);
  assert.match(textOf(bot, ADMIN), /✅ Клиент подтвердил визит$/);
});

test('a card that is edited while the client confirms is edited once more', async (t) => {
  const bot = await askedClient(t);
  await confirm(bot);
  const card = await findCard(bot.database.read(), { chat_id: ADMIN, message_id: MESSAGE });
  const shown = async (is_confirmed: boolean) => {
    await bot.database.write((tx) => markCardShown(tx, { id: card?.id ?? 0, version: 1, is_confirmed }));
    return (await bot.card(ADMIN))?.stale;
  };
  assert.deepEqual([await shown(false), await shown(true)], [true, false]);
});
