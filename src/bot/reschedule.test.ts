import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Composer } from 'grammy';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { createTestBot } from '#test/support/handler-bot.ts';
import {
  ADMIN,
  CLIENT,
  GROUP,
  MESSAGE,
  NOON,
  NOW,
  OTHER_ADMIN,
  openDialogue,
  SPECIALIST,
  STRANGER,
  WEDNESDAY,
} from '#test/support/reschedule-dialogue.ts';
import { createBookingService } from '../bookings/booking-service.ts';
import { Card } from '../db/bot-entities.ts';
import { User } from '../db/entities.ts';
import type { BotContext } from './bot-context.ts';
import { rescheduleHandlers } from './reschedule.ts';

describeOnEachDatabase('the reschedule dialogue', (databases) => {
  test('moves the booking as the one who pressed, and leaves the card as the booking stands', async (t) => {
    const database = await databases.open(t);
    const dialogue = await openDialogue(t, { database });
    const { api, salon, start, press, shown } = dialogue;
    await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { merge_moves_s: 0 });
    const roles = [
      [CLIENT, salon.client_id, 'client'],
      [SPECIALIST, salon.specialist_id, 'specialist'],
      [ADMIN, salon.admin_id, 'admin'],
    ] as const;
    for (const [index, [chat, user_id, role]] of roles.entries()) {
      const time = `2026-11-25T${10 + index}:00`;
      assert.equal(await press(chat, ...start, WEDNESDAY, `bkr:time:${time}Z`), '');
      assert.match(shown(chat).text, new RegExp(`→ 25.11.2026 ${13 + index}:00`));
      assert.equal(await press(chat, 'bkr:confirm'), 'Запись перенесена');
      const { starts_at, version } = await dialogue.booking();
      assert.deepEqual([starts_at, version], [`${time}:00.000Z`, index + 2]);
      assert.match(shown(chat).text, new RegExp(`🕐 25.11.2026 ${13 + index}:00`));
      assert.doesNotMatch(shown(chat).data.join(), /bkr:/);
      const event = (await api.outbox()).at(-1);
      assert.deepEqual(event?.initiated_by, { user_id, role, channel: 'tg_bot' });
      assert.equal(event?.type, 'booking_rescheduled');
    }
  });

  test('acts once when a button is pressed twice at once', async (t) => {
    const dialogue = await openDialogue(t, { database: await databases.open(t) });
    const { press, start } = dialogue;
    await press(CLIENT, ...start);
    for (const data of [WEDNESDAY, NOON]) {
      const answers = await Promise.all([press(CLIENT, data), press(CLIENT, data)]);
      assert.deepEqual(answers, ['', '']);
    }
    const answers = await Promise.all([press(CLIENT, 'bkr:confirm'), press(CLIENT, 'bkr:confirm')]);
    assert.equal(answers[0], 'Запись перенесена');
    assert.equal(answers[1], '');
    assert.match(dialogue.shown(CLIENT).text, /🕐 25.11.2026 12:00/);
    assert.equal((await dialogue.booking()).version, 2);
    assert.equal((await dialogue.api.outbox()).length, 2);
  });
});

test('a second tap that leaves the dialogue finds what the first one left', async (t) => {
  const { press, start, shown, booking } = await openDialogue(t);
  await press(CLIENT, ...start);
  for (let tap = 1; tap <= 2; tap += 1) {
    assert.equal(await press(CLIENT, 'bkr:back'), '');
    assert.equal(shown(CLIENT).labels[0], '🗓 Перенести');
  }
  await press(CLIENT, ...start, WEDNESDAY);
  for (let tap = 1; tap <= 2; tap += 1) {
    assert.equal(await press(CLIENT, 'bkr:cancel'), '');
    assert.deepEqual(shown(CLIENT).labels, ['✏️ Изменить']);
  }
  assert.match(await press(CLIENT, 'bkr:confirm'), /устарели/);
  assert.equal((await booking()).version, 1);
});

test('a second tap on the question is outdated once the booking has moved on', async (t) => {
  const { api, id, press, start, booking } = await openDialogue(t);
  await press(CLIENT, ...start, WEDNESDAY, NOON, 'bkr:confirm');
  await api.ok('PATCH', `/v1/bookings/${id}`, { starts_at: '2026-11-26T09:00:00Z' });
  assert.match(await press(CLIENT, 'bkr:confirm'), /устарели/);
  assert.equal((await booking()).version, 3);
});

describe('whoever changes their mind', () => {
  const steps: [string, string[], RegExp][] = [
    ['at the days', [], /^📋 Ваша запись/],
    ['at the times', [WEDNESDAY], /Выберите день$/],
    ['at the question', [WEDNESDAY, NOON], /Среда, 25 ноября. Выберите время$/],
  ];
  for (const [where, presses, back] of steps) {
    test(`goes back one step ${where}`, async (t) => {
      const dialogue = await openDialogue(t);
      await dialogue.press(CLIENT, ...dialogue.start, ...presses, 'bkr:back');
      assert.match(dialogue.shown(CLIENT).text, back);
      if (presses.length === 0) assert.ok(dialogue.shown(CLIENT).data.includes(`bke:reschedule:${dialogue.id}`));
    });

    test(`leaves the booking as it is ${where}`, async (t) => {
      const { press, start, shown, booking } = await openDialogue(t);
      await press(CLIENT, ...start, ...presses, 'bkr:cancel');
      assert.match(shown(CLIENT).text, /^📋 Ваша запись/);
      assert.deepEqual(shown(CLIENT).labels, ['✏️ Изменить']);
      assert.equal((await booking()).version, 1);
    });

    test(`finds the booking shown again after a quarter of an hour ${where}`, async (t) => {
      const { bot, press, start, shown, booking } = await openDialogue(t);
      await press(CLIENT, ...start, ...presses);
      bot.now = new Date(bot.now.getTime() + 14 * 60_000);
      assert.equal(await press(CLIENT, presses.at(-1) ?? 'bkr:prev'), '');
      bot.now = new Date(bot.now.getTime() + 15 * 60_000);
      assert.match(await press(CLIENT, 'bkr:confirm'), /устарели/);
      assert.match(shown(CLIENT).text, /^📋 Ваша запись/);
      assert.equal((await booking()).version, 1);
    });
  }
});

test('in a group any admin may go on, and acts as who they are', async (t) => {
  const { api, salon, id, start, pressInGroup, shown, bot } = await openDialogue(t);
  const group = { role: 'admin', name: 'Админы', tg_id: GROUP, locale: 'ru', ads_opt_out: false } as const;
  const row = { ...group, company_id: salon.company_id, created_at: bot.now };
  const group_id = await api.database.write((tx) => tx.insert(User, row));
  for (const data of start) await pressInGroup(ADMIN, data);
  assert.equal((await api.database.read().findOneOrFail(Card, { chat_id: GROUP })).user_id, group_id);
  await pressInGroup(OTHER_ADMIN, WEDNESDAY);
  assert.equal(await pressInGroup(STRANGER, NOON), 'Запись не найдена');
  await pressInGroup(ADMIN, NOON);
  assert.match(shown(GROUP).text, /❓ Перенести запись\?$/);
  assert.equal(await pressInGroup(OTHER_ADMIN, 'bkr:confirm'), 'The booking has been moved');
  const { items } = await api.ok('GET', `/v1/users?tg_id=${OTHER_ADMIN}`);
  const initiator = { user_id: items[0].id, role: 'admin', channel: 'tg_bot' };
  assert.deepEqual((await api.outbox()).at(-1)?.initiated_by, initiator);
  assert.equal((await api.ok('GET', `/v1/bookings/${id}`)).version, 2);
});

test('a dialogue goes on in another process, in whatever state it was', async (t) => {
  const database = await openTestDatabase(t);
  const { press, start, shown, booking } = await openDialogue(t, { database });
  const composerOf = () => {
    const bookings = createBookingService({
      database,
      clock: () => new Date(NOW),
      newId: () => 'elsewhere',
      onCommitted: () => undefined,
    });
    return new Composer<BotContext>().use(rescheduleHandlers({ bookings }));
  };
  const restarted = () => {
    const bot = createTestBot(t, composerOf(), database);
    bot.now = new Date(NOW);
    return (data: string) => bot.press(CLIENT, CLIENT, MESSAGE, data);
  };
  await press(CLIENT, ...start);
  await restarted()('bkr:next');
  await restarted()(WEDNESDAY);
  await restarted()(NOON);
  await restarted()('bkr:confirm');
  assert.equal((await booking()).starts_at, '2026-11-25T09:00:00.000Z');
  assert.equal(await press(CLIENT, 'bkr:confirm'), '');
  assert.match(shown(CLIENT).text, /🕐 25.11.2026 12:00/);
});
