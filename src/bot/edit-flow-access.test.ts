import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ADMIN,
  answerOf,
  buttonsOf,
  type CardBot,
  CLIENT,
  cancel,
  OTHER_ADMIN,
  openCardBot,
  press,
  shownIn,
  textOf,
} from '#test/support/card-bot.ts';

const GROUP = -5001;
const STRANGER = 1999;
const DAY_MS = 24 * 3_600_000;
const NOT_FOUND = 'Запись не найдена';

describe('forged buttons', () => {
  const forms = (id: string | number) => [
    ...['edit', 'hide', 'back'].map((word) => `bkn:${word}:${id}`),
    ...['menu', 'cancel', 'confirm_cancel', 'back'].map((word) => `bke:${word}:${id}:card`),
  ];

  async function assertRefused(bot: CardBot, chat: number, forged: string[], from = chat): Promise<void> {
    for (const data of forged) {
      const said = await press(bot, chat, data, from);
      assert.deepEqual([said.map(({ kind }) => kind), answerOf(said)], [['answer'], [NOT_FOUND]], data);
    }
  }

  test('with no id, or that of no booking, are answered and show nothing', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.admin, 'admin');
    for (const id of [
      '',
      '0',
      '-1',
      '999',
      '01',
      '1.0',
      '1e3',
      ' 1',
      'x',
      '9'.repeat(10),
      '9'.repeat(40),
      '2147483648',
      '१',
    ])
      await assertRefused(bot, ADMIN, forms(id));
    await assertRefused(bot, ADMIN, [
      'bkn:',
      'bke:',
      'bke:menu:1',
      'bkn:edit',
      'bke:menu:1:card:x',
      'bkn:other:1',
      'bke:cancel',
    ]);
  });

  test('with a booking of another company, or of somebody else, reveal and do nothing', async (t) => {
    const bot = await openCardBot(t);
    const far = await bot.company('Чужая');
    const stranger = { tg_id: STRANGER };
    await bot.user(far, 'admin', stranger);
    await bot.user(bot.salon, 'client', { tg_id: 1998 });
    await bot.user(bot.salon, 'specialist', { tg_id: 1997 });
    for (const chat of [STRANGER, 1998, 1997, 1996]) await assertRefused(bot, chat, forms(bot.bookingId));
    assert.equal((await bot.bookingNow())?.version, 1);
    assert.deepEqual(await bot.events(), []);
  });

  test('in the message of another booking do nothing', async (t) => {
    const bot = await openCardBot(t);
    await bot.deliver(bot.admin, 'admin');
    const other = await bot.book(bot.salon, bot, { starts_at: new Date('2026-11-26T11:00:00Z') });
    await assertRefused(bot, ADMIN, forms(other));
  });

  test('with unknown words to return to lead to the card', async (t) => {
    const bot = await openCardBot(t);
    const sent = await bot.deliver(bot.client, 'client');
    await press(bot, CLIENT, `bke:menu:${bot.bookingId}:elsewhere`);
    assert.deepEqual(buttonsOf(bot, CLIENT).at(-1), [`bke:back:${bot.bookingId}:card`]);
    await press(bot, CLIENT, `bke:back:${bot.bookingId}:elsewhere`);
    assert.equal(shownIn(bot, CLIENT)?.html, sent.html);
  });

  test('are refused in the language of who pressed', async (t) => {
    const bot = await openCardBot(t);
    assert.deepEqual(answerOf(await press(bot, OTHER_ADMIN, 'bkn:edit:999')), ['Booking not found']);
  });
});

describe('a card in a group of admins', () => {
  test('acts for the admin who pressed, once for two', async (t) => {
    const bot = await openCardBot(t);
    const group = await bot.user(bot.salon, 'admin', { tg_id: GROUP, name: 'Админы' });
    const sent = await bot.deliver(group, 'admin');
    await press(bot, GROUP, `bkn:edit:${bot.bookingId}`, ADMIN);
    await press(bot, GROUP, `bkn:back:${bot.bookingId}`, OTHER_ADMIN);
    assert.equal(shownIn(bot, GROUP)?.html, sent.html);
    await press(bot, GROUP, `bke:cancel:${bot.bookingId}:card`, ADMIN);
    const confirm = `bke:confirm_cancel:${bot.bookingId}:card`;
    assert.deepEqual(answerOf(await press(bot, GROUP, confirm, OTHER_ADMIN)), ['The booking is cancelled']);
    assert.deepEqual(answerOf(await press(bot, GROUP, confirm, ADMIN)), ['']);
    const events = await bot.events();
    assert.deepEqual(
      events.map(({ initiated_by }) => initiated_by.user_id),
      [bot.otherAdmin.id],
    );
    assert.match(textOf(bot, GROUP), /❌ Запись отменена администратором$/);
  });

  test('is nothing for its other members, nor for another company’s group', async (t) => {
    const bot = await openCardBot(t);
    const group = await bot.user(bot.salon, 'admin', { tg_id: GROUP });
    await bot.deliver(group, 'admin');
    const far = await bot.company('Чужая');
    await bot.user(far, 'admin', { tg_id: STRANGER });
    await bot.user(far, 'admin', { tg_id: -5002 });
    for (const [chat, from] of [
      [GROUP, CLIENT],
      [GROUP, STRANGER],
      [GROUP, 1996],
      [-5002, ADMIN],
      [-5003, ADMIN],
    ] as const)
      for (const data of [
        `bkn:edit:${bot.bookingId}`,
        `bkn:hide:${bot.bookingId}`,
        `bke:menu:${bot.bookingId}:bookings`,
      ]) {
        const said = await press(bot, chat, data, from);
        assert.deepEqual(
          said.map(({ kind }) => kind),
          ['answer'],
          `${data} in ${chat} by ${from}`,
        );
      }
  });
});

test('one account that is several users acts as the one whose message it is', async (t) => {
  const bot = await openCardBot(t);
  const far = await bot.company('Другая');
  const asAdmin = await bot.user(far, 'admin', { tg_id: CLIENT });
  const people = { client: await bot.user(far, 'client'), specialist: await bot.user(far, 'specialist') };
  const theirs = await bot.book(far, people, { starts_at: new Date(bot.bot.now.getTime() + DAY_MS) });
  await bot.deliver(bot.client, 'client');
  await cancel(bot, CLIENT);
  await bot.bot.press(CLIENT, CLIENT, 11, `bke:menu:${theirs}:bookings`);
  await bot.bot.press(CLIENT, CLIENT, 11, `bke:cancel:${theirs}:bookings`);
  await bot.bot.press(CLIENT, CLIENT, 11, `bke:confirm_cancel:${theirs}:bookings`);
  assert.deepEqual(
    (await bot.events()).map(({ company_id, initiated_by }) => [company_id, initiated_by.user_id, initiated_by.role]),
    [
      [bot.salon.id, bot.client.id, 'client'],
      [far.id, asAdmin.id, 'admin'],
    ],
  );
});
