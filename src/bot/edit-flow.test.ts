import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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

const STRANGER = 1999;
const OUTDATED = 'Данные устарели. Показываю, как сейчас.';
const NOT_FOUND = 'Запись не найдена';

describe('the notification of an admin', () => {
  test('opens the menu in place and is restored byte by byte', async (t) => {
    const bot = await openCardBot(t);
    const sent = await bot.deliver(bot.admin, 'admin');
    const { bookingId: id } = bot;
    assert.deepEqual(answerOf(await press(bot, ADMIN, `bkn:edit:${id}`)), ['']);
    assert.equal(shownIn(bot, ADMIN)?.html, sent.html);
    // A delivery that a crash has recorded twice leaves it open.
    await bot.deliver(bot.admin, 'admin');
    assert.equal((await bot.card(ADMIN))?.view.kind, 'menu');
    assert.deepEqual(buttonsOf(bot, ADMIN), [[`bke:reschedule:${id}`], [`bke:cancel:${id}:card`], [`bkn:back:${id}`]]);
    assert.deepEqual(answerOf(await press(bot, ADMIN, `bkn:back:${id}`)), ['']);
    assert.deepEqual(shownIn(bot, ADMIN), { message_id: MESSAGE, text: textOf(bot, ADMIN), ...sent });
  });

  test('goes when it is hidden, and is forgotten', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.admin, 'admin');
    const said = await press(bot, ADMIN, `bkn:hide:${bot.bookingId}`);
    assert.deepEqual(said[1], { kind: 'delete', chat_id: ADMIN, message_id: MESSAGE });
    assert.deepEqual(answerOf(said), ['']);
    assert.equal(await bot.card(ADMIN), null);
    assert.deepEqual(answerOf(await press(bot, ADMIN, `bkn:hide:${bot.bookingId}`)), ['']);
  });

  test('can be hidden when the booking is over', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.admin, 'admin');
    await cancel(bot, ADMIN);
    assert.deepEqual(buttonsOf(bot, ADMIN), [[`bkn:hide:${bot.bookingId}`]]);
    await press(bot, ADMIN, `bkn:hide:${bot.bookingId}`);
    assert.deepEqual(bot.bot.messages(ADMIN), []);
  });

  test('has buttons that work for nobody else', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.client, 'client');
    for (const word of ['edit', 'hide', 'back'])
      for (const from of [CLIENT, SPECIALIST, STRANGER]) {
        const said = await press(bot, from, `bkn:${word}:${bot.bookingId}`);
        assert.deepEqual(
          said.map(({ kind }) => kind),
          ['answer'],
        );
        assert.deepEqual(answerOf(said), [NOT_FOUND]);
      }
    assert.notEqual(await bot.card(CLIENT), null);
  });
});

describe('a cancellation', () => {
  const roles = [
    ['client', CLIENT, '❌ Вы отменили запись', []],
    ['specialist', SPECIALIST, '❌ Запись отменена специалистом', []],
    ['admin', ADMIN, '❌ Запись отменена администратором', [['bkn:hide:1']]],
  ] as const;
  for (const [role, chat, status, buttons] of roles)
    test(`by the ${role} is asked about first, then done as theirs, once`, async (t) => {
      const bot = await openCardBot(t);
      await bot.deliver(bot[role], role);
      const { bookingId: id } = bot;
      await press(bot, chat, `bke:menu:${id}:card`);
      await press(bot, chat, `bke:cancel:${id}:card`);
      assert.match(textOf(bot, chat), /^❓ Отменить запись.*\?\n[\s\S]*💇 Стрижка · 60 мин\n🕐 24\.11\.2026 14:00/);
      assert.deepEqual(buttonsOf(bot, chat), [[`bke:confirm_cancel:${id}:card`], [`bke:menu:${id}:card`]]);
      assert.equal((await bot.bookingNow())?.status, 'created');
      assert.deepEqual(answerOf(await press(bot, chat, `bke:confirm_cancel:${id}:card`)), ['Запись отменена']);
      assert.equal((await bot.bookingNow())?.status, 'cancelled');
      assert.equal(textOf(bot, chat).split('\n').at(-1), status);
      assert.deepEqual(buttonsOf(bot, chat), buttons);
      assert.equal((await bot.card(chat))?.stale, false);

      const again = await press(bot, chat, `bke:confirm_cancel:${id}:card`);
      assert.deepEqual(again, [
        { kind: 'answer', query_id: again[0]?.kind === 'answer' ? again[0].query_id : '', text: '', alert: false },
      ]);
      const [event, ...more] = await bot.events();
      assert.deepEqual(more, []);
      assert.deepEqual(event?.initiated_by, { user_id: bot[role].id, role, channel: 'tg_bot' });
      assert.equal(event?.type, 'booking_cancelled');
    });

  test('that was not asked about, or was left, is not done', async (t) => {
    const bot = await openCardBot(t);
    const sent = await bot.deliver(bot.client, 'client');
    const { bookingId: id } = bot;
    assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:confirm_cancel:${id}:card`)), [OUTDATED]);
    await press(bot, CLIENT, `bke:cancel:${id}:card`);
    await press(bot, CLIENT, `bke:menu:${id}:card`);
    assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:confirm_cancel:${id}:card`)), [OUTDATED]);
    assert.equal(shownIn(bot, CLIENT)?.html, sent.html);
    assert.equal((await bot.bookingNow())?.status, 'created');
  });

  test('is not done when the booking began while the question stood, or nobody answered it in time', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.client, 'client');
    const { bookingId: id } = bot;
    const starts_at = new Date('2026-11-24T11:00:00Z').getTime();
    for (const [askedAt, confirmedAt] of [
      [starts_at - 1, starts_at],
      [starts_at - 3_600_000, starts_at - 2_700_000],
    ] as const) {
      bot.bot.now = new Date(askedAt);
      await press(bot, CLIENT, `bke:cancel:${id}:card`);
      assert.match(textOf(bot, CLIENT), /^❓/);
      bot.bot.now = new Date(confirmedAt);
      assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:confirm_cancel:${id}:card`)), [OUTDATED]);
      assert.equal((await bot.bookingNow())?.status, 'created');
    }
  });

  test('is not done in a message that is not known any more', async (t) => {
    const bot = await openCardBot(t);
    assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:confirm_cancel:${bot.bookingId}:card`)), [OUTDATED]);
    assert.equal((await bot.bookingNow())?.status, 'created');
    assert.match(textOf(bot, CLIENT), /^📋 Ваша запись\n/);
  });

  test('leaves the other cards to be edited', async (t) => {
    const bot = await openCardBot(t);
    for (const role of ['client', 'specialist', 'admin'] as const) await bot.deliver(bot[role], role);
    await cancel(bot, SPECIALIST);
    for (const chat of [CLIENT, ADMIN]) {
      const card = await bot.card(chat);
      assert.deepEqual([card?.stale, card?.view], [true, { kind: 'notification', by: 'specialist' }]);
    }
  });
});

describe('a card of a booking that has changed', () => {
  const actions = (id: number) => [`bke:confirm_cancel:${id}:card`];
  const openings = (id: number) => [`bkn:edit:${id}`, `bke:menu:${id}:card`, `bke:cancel:${id}:card`];

  test('does not act, and shows how the booking stands', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.admin, 'admin');
    await press(bot, ADMIN, `bke:cancel:${bot.bookingId}:card`);
    await moveByApi(bot);
    for (const data of actions(bot.bookingId)) assert.deepEqual(answerOf(await press(bot, ADMIN, data)), [OUTDATED]);
    assert.match(
      textOf(bot, ADMIN),
      /^📅 Новая запись #1\n[\s\S]*\n🕐 25\.11\.2026 15:30\n👨‍💼 Анна\n\n🔄 Запись перенесена$/,
    );
    assert.equal((await bot.bookingNow())?.status, 'created');
    await press(bot, ADMIN, `bkn:edit:${bot.bookingId}`);
    await press(bot, ADMIN, `bkn:back:${bot.bookingId}`);
    assert.match(textOf(bot, ADMIN), /🔄 Запись перенесена$/);
  });

  test('opens with the facts of now', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.client, 'client');
    await moveByApi(bot);
    assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:menu:${bot.bookingId}:card`)), ['']);
    assert.match(textOf(bot, CLIENT), /🕐 25\.11\.2026 15:30/);
    await cancel(bot, CLIENT);
    assert.equal((await bot.bookingNow())?.status, 'cancelled');
  });

  for (const [state, change] of [
    [
      'was cancelled',
      (bot: CardBot) =>
        bot.bookings.commit((tx) =>
          bot.bookings.cancel(tx, bot.bookingId, { user_id: null, role: 'system', channel: 'api' }),
        ),
    ],
    ['is completed', (bot: CardBot) => bot.bookings.commit((tx) => bot.bookings.complete(tx, bot.bookingId))],
    [
      'has begun',
      async (bot: CardBot) => {
        bot.bot.now = new Date('2026-11-24T11:00:00Z');
      },
    ],
  ] as const)
    test(`offers nothing once it ${state}`, async (t) => {
      const bot = await openCardBot(t);
      await bot.deliver(bot.admin, 'admin');
      await change(bot);
      for (const data of [...openings(bot.bookingId), ...actions(bot.bookingId)]) {
        assert.deepEqual(answerOf(await press(bot, ADMIN, data)), [OUTDATED], data);
        assert.deepEqual(buttonsOf(bot, ADMIN), [[`bkn:hide:${bot.bookingId}`]], data);
      }
    });

  test('tells a specialist whom it has left nothing more', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.specialist, 'specialist');
    const vera = await bot.user(bot.salon, 'specialist', { name: 'Вера' });
    await moveByApi(bot, { specialist_id: vera.id });
    assert.deepEqual(answerOf(await press(bot, SPECIALIST, `bke:menu:${bot.bookingId}:card`)), [OUTDATED]);
    assert.equal(
      textOf(bot, SPECIALIST),
      '🔄 Запись #1 передана другому специалисту\n\n👤 Иван Петров\n🕐 24.11.2026 14:00',
    );
    assert.deepEqual(buttonsOf(bot, SPECIALIST), []);
  });
});
