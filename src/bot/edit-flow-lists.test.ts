import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN, answerOf, buttonsOf, CLIENT, cancel, openCardBot, press, textOf } from '#test/support/card-bot.ts';

describe('a booking opened from a list', () => {
  test('leads back to the list', async (t) => {
    const bot = await openCardBot(t);
    const { bookingId: id } = bot;
    await press(bot, CLIENT, `bke:menu:${id}:bookings`);
    assert.match(textOf(bot, CLIENT), /^📋 Ваша запись\n/);
    assert.deepEqual(buttonsOf(bot, CLIENT).at(-1), [`bke:back:${id}:bookings`]);
    await press(bot, CLIENT, `bke:cancel:${id}:bookings`);
    assert.deepEqual(buttonsOf(bot, CLIENT).at(-1), [`bke:menu:${id}:bookings`]);
    await press(bot, CLIENT, `bke:menu:${id}:bookings`);
    assert.deepEqual(answerOf(await press(bot, CLIENT, `bke:back:${id}:bookings`)), ['']);
    assert.equal(buttonsOf(bot, CLIENT)[0]?.[0], `bke:menu:${id}:bookings`);
    assert.equal(await bot.card(CLIENT), null);
  });

  test('leads back to the page it was opened from, also when it was cancelled there', async (t) => {
    const bot = await openCardBot(t);
    const later: number[] = [];
    for (let day = 25; day <= 30; day += 1)
      later.push(await bot.book(bot.salon, bot, { starts_at: new Date(`2026-11-${day}T11:00:00Z`) }));
    const [sixth = 0, seventh = 0] = later.slice(4);
    await press(bot, CLIENT, 'bkl:bookings:1');
    for (const id of [seventh, sixth]) {
      await press(bot, CLIENT, `bke:menu:${id}:bookings`);
      await press(bot, CLIENT, `bke:back:${id}:bookings`);
      const open = [sixth, seventh].map((one) => `bke:menu:${one}:bookings`);
      assert.deepEqual(buttonsOf(bot, CLIENT), [open, ['bkl:bookings:0']]);
    }
    await press(bot, CLIENT, `bke:cancel:${sixth}:bookings`);
    await press(bot, CLIENT, `bke:confirm_cancel:${sixth}:bookings`);
    await press(bot, CLIENT, `bke:back:${sixth}:bookings`);
    assert.deepEqual(buttonsOf(bot, CLIENT)[0], [`bke:menu:${seventh}:bookings`]);
  });

  test('shows what became of it, with a way back', async (t) => {
    const bot = await openCardBot(t);
    const { bookingId: id } = bot;
    await press(bot, ADMIN, `bke:menu:${id}:today`);
    await cancel(bot, ADMIN, 'today');
    assert.match(textOf(bot, ADMIN), /^📋 Запись #1\n[\s\S]*\n\n❌ Запись отменена администратором$/);
    assert.deepEqual(buttonsOf(bot, ADMIN), [[`bke:back:${id}:today`]]);
    await press(bot, ADMIN, `bke:back:${id}:today`);
    assert.equal(await bot.card(ADMIN), null);
  });

  test('gives way to another one opened from the same list', async (t) => {
    const bot = await openCardBot(t);
    const other = await bot.book(bot.salon, bot, { starts_at: new Date('2026-11-26T11:00:00Z') });
    await press(bot, CLIENT, `bke:menu:${bot.bookingId}:bookings`);
    await press(bot, CLIENT, `bke:menu:${other}:bookings`);
    assert.match(textOf(bot, CLIENT), /🕐 26\.11\.2026 14:00/);
    assert.equal((await bot.card(CLIENT))?.booking_id, other);
  });
});
