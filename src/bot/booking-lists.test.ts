import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeOnPostgres } from '#test/support/database.ts';
import type { BotMessage } from '#test/support/handler-bot.ts';
import { openPeopleBot, type PeopleBot } from '#test/support/people.ts';

const IVAN = 1001;
const ANNA = 1002;
const OLGA = 1003;

/** In Moscow it is 12:00 on 23.11.2026. */
const at = (time: string) => new Date(`${time}Z`);

async function openSalon(people: PeopleBot, name = 'Весна', timeZone?: string) {
  const company = await people.company(name, timeZone);
  return {
    company,
    client: await people.user(company, 'client', { tg_id: IVAN, name: 'Иван <b>' }),
    specialist: await people.user(company, 'specialist', { tg_id: ANNA, name: 'Анна & Ко' }),
    admin: await people.user(company, 'admin', { tg_id: OLGA, name: 'Ольга' }),
  };
}

async function list(people: PeopleBot, userId: number, command = '/bookings'): Promise<BotMessage> {
  await people.bot.text(userId, command);
  return people.bot.messages(userId).at(-1) as BotMessage;
}

const data = ({ keyboard }: BotMessage): string[][] => keyboard.map((row) => row.map((one) => one.callback_data));

async function turn(people: PeopleBot, userId: number, messageId: number, pressed: string): Promise<BotMessage> {
  const responses = await people.bot.press(userId, userId, messageId, pressed);
  assert.deepEqual(
    responses.map(({ kind }) => kind),
    ['answer', 'edit'],
  );
  return people.bot.messages(userId).find((one) => one.message_id === messageId) as BotMessage;
}

function listTests(open: (t: import('node:test').TestContext) => Promise<PeopleBot>): void {
  test('shows each reader their bookings, with what they need to know', async (t) => {
    const people = await open(t);
    const salon = await openSalon(people);
    const location_id = await people.location(salon.company, 'Центр');
    const id = await people.book(salon.company, salon, { starts_at: at('2026-11-24T11:00'), location_id });
    await people.book(salon.company, salon, { starts_at: at('2026-11-23T08:59') });
    await people.book(salon.company, salon, { starts_at: at('2026-11-25T11:00'), status: 'cancelled' });

    const clients = await list(people, IVAN);
    assert.equal(
      clients.text,
      '📋 1 ближайшая запись\n\n1. 🕐 24.11.2026 14:00\n💇 Стрижка · 60 мин\n👨‍💼 Анна & Ко\n📍 Центр',
    );
    assert.deepEqual(clients.keyboard, [[{ text: '✏️ 1', callback_data: `bke:menu:${id}:bookings` }]]);
    assert.equal(
      (await list(people, ANNA)).text,
      `📋 1 ближайшая запись\n\n1. 🕐 24.11.2026 14:00 · #${id}\n👤 Иван <b>\n💇 Стрижка · 60 мин\n📍 Центр`,
    );
    assert.equal(
      (await list(people, OLGA)).text,
      `📋 1 ближайшая запись\n\n1. 🕐 24.11.2026 14:00 · #${id}\n👤 Иван <b>\n💇 Стрижка · 60 мин\n👨‍💼 Анна & Ко\n📍 Центр`,
    );
  });

  test('shows the day at the venue, from what is under way on, with the buttons of what may still change', async (t) => {
    const people = await open(t);
    const salon = await openSalon(people);
    const tokyo = await people.location(salon.company, 'Токио', 'Asia/Tokyo');
    const book = (time: string, change = {}) => people.book(salon.company, salon, { starts_at: at(time), ...change });
    await book('2026-11-22T20:59'); // yesterday in Moscow
    await book('2026-11-23T05:00', { status: 'completed' });
    await book('2026-11-23T06:00', { status: 'no_show' });
    await book('2026-11-23T07:00', { status: 'cancelled' });
    await book('2026-11-23T08:30');
    const open1 = await book('2026-11-23T20:59');
    await book('2026-11-23T21:00'); // tomorrow in Moscow
    const open2 = await book('2026-11-23T14:59', { location_id: tokyo }); // 23:59 in Tokyo
    await book('2026-11-23T15:00', { location_id: tokyo }); // tomorrow there
    const today = await list(people, ANNA, '/today');
    assert.match(today.text, /^🗓 Сегодня, 23\.11\.2026: 5 записей\n\n1\. ✅ 08:00–09:00[\s\S]*\n2\. 🚫 09:00–10:00/);
    assert.match(today.text, /\n3\. 🕐 11:30–12:30[\s\S]*\n4\. 🕐 23:59–00:59[\s\S]*\n5\. 🕐 23:59–00:59/);
    assert.deepEqual(data(today), [[`bke:menu:${open2}:today`, `bke:menu:${open1}:today`]]);
    assert.equal((await list(people, OLGA, '/today')).text.includes('5 записей'), true);
  });

  test('keeps to one’s own: a specialist to their work, an account to its companies', async (t) => {
    const people = await open(t);
    const [spring, autumn] = [await openSalon(people, 'Весна'), await openSalon(people, 'Осень <i>')];
    const winter = await people.company('Зима');
    const stranger = { client: await people.user(winter, 'client'), specialist: await people.user(winter, 'admin') };
    await people.book(winter, stranger, { starts_at: at('2026-11-23T12:00') });
    const vera = await people.user(spring.company, 'specialist', { tg_id: 1004 });
    await people.book(spring.company, { ...spring, specialist: vera }, { starts_at: at('2026-11-23T12:00') });
    await people.book(autumn.company, autumn, { starts_at: at('2026-11-23T13:00') });
    assert.match((await list(people, ANNA)).text, /^📋 1 ближайшая запись[\s\S]*🏢 Осень <i>$/);
    assert.match((await list(people, ANNA, '/today')).text, /: 1 запись/);
    assert.match((await list(people, IVAN)).text, /^📋 2 ближайшие записи[\s\S]*🏢 Весна[\s\S]*🏢 Осень <i>$/);
    assert.match((await list(people, OLGA)).text, /^📋 2 ближайшие записи/);
    assert.doesNotMatch((await list(people, 1004)).text, /🏢/);
  });

  test('has five on a page, and turns the pages in place', async (t) => {
    const people = await open(t);
    const salon = await openSalon(people);
    for (let day = 1; day <= 12; day += 1)
      await people.book(salon.company, salon, { starts_at: at(`2026-12-${String(day).padStart(2, '0')}T09:00`) });
    const first = await list(people, IVAN);
    assert.match(first.text, /^📋 12 ближайших записей[\s\S]*5\. 🕐 05\.12\.2026 12:00[\s\S]*Страница 1 из 3$/);
    assert.deepEqual(data(first)[1], ['bkl:bookings:1']);
    const second = await turn(people, IVAN, first.message_id, 'bkl:bookings:1');
    assert.match(second.text, /\n6\. [\s\S]*Страница 2 из 3$/);
    assert.deepEqual(data(second)[1], ['bkl:bookings:0', 'bkl:bookings:2']);
    assert.equal(second.keyboard[0]?.[0]?.text, '✏️ 6');
    assert.deepEqual(await turn(people, IVAN, first.message_id, 'bkl:bookings:1'), second);
    const last = await turn(people, IVAN, first.message_id, 'bkl:bookings:99');
    assert.match(last.text, /Страница 3 из 3$/);
    assert.equal(last.keyboard[0]?.length, 2);
  });
}

describe('lists of bookings', () => {
  listTests((t) => openPeopleBot(t));

  test('are opened at what comes next today', async (t) => {
    const people = await openPeopleBot(t);
    const salon = await openSalon(people);
    for (let hour = 5; hour < 17; hour += 1)
      await people.book(salon.company, salon, { starts_at: at(`2026-11-23T${String(hour).padStart(2, '0')}:00`) });
    people.bot.now = at('2026-11-23T11:30');
    assert.match(
      (await list(people, OLGA, '/today')).text,
      /^🗓 Сегодня, 23\.11\.2026: 12 записей[\s\S]*\n7\. 🕐 14:00–15:00[\s\S]*Страница 2 из 3$/,
    );
  });

  test('end after a hundred', async (t) => {
    const people = await openPeopleBot(t);
    const salon = await openSalon(people);
    for (let minute = 0; minute < 101; minute += 1)
      await people.book(salon.company, salon, {
        starts_at: new Date(at('2026-12-01T09:00').getTime() + minute * 60_000),
      });
    assert.match((await list(people, OLGA)).text, /^📋 Ближайшие записи, первые 100\n[\s\S]*Страница 1 из 20$/);
  });

  test('say kindly that they are empty, in both languages', async (t) => {
    const people = await openPeopleBot(t);
    await openSalon(people);
    await people.user(await people.company('Spring'), 'specialist', { tg_id: 77, locale: 'en' });
    assert.equal((await list(people, IVAN)).text, '📋 Предстоящих записей пока нет. Новые появятся здесь.');
    assert.match((await list(people, IVAN, '/today')).text, /^Расписание на день — для специалистов и администраторов/);
    assert.equal((await list(people, ANNA, '/today')).text, '🗓 Сегодня, 23.11.2026, записей нет. Хорошего дня!');
    assert.equal((await list(people, 77)).text, '📋 No upcoming bookings yet. New ones will appear here.');
    assert.equal((await list(people, 77, '/today')).text, '🗓 No bookings today, 23 Nov 2026. Have a good day!');
  });

  test('have the right plural in both languages', async (t) => {
    const people = await openPeopleBot(t);
    const salon = await openSalon(people);
    await people.user(salon.company, 'admin', { tg_id: 77, locale: 'en' });
    const headers: string[] = [];
    for (const count of [1, 2, 3, 4, 5]) {
      await people.book(salon.company, salon, { starts_at: at(`2026-11-23T${10 + count}:00`) });
      for (const [userId, command] of [
        [OLGA, '/bookings'],
        [OLGA, '/today'],
        [77, '/bookings'],
      ] as const)
        headers.push((await list(people, userId, command)).text.split('\n')[0] ?? '');
    }
    assert.deepEqual(headers.slice(3, 6), [
      '📋 2 ближайшие записи',
      '🗓 Сегодня, 23.11.2026: 2 записи',
      '📋 2 upcoming bookings',
    ]);
    assert.deepEqual(headers.slice(12), [
      '📋 5 ближайших записей',
      '🗓 Сегодня, 23.11.2026: 5 записей',
      '📋 5 upcoming bookings',
    ]);
  });

  test('show a stranger and forged buttons nothing', async (t) => {
    const people = await openPeopleBot(t);
    const salon = await openSalon(people);
    await people.book(salon.company, salon, { starts_at: at('2026-12-01T09:00') });
    await people.bot.press(77, 77, 1, 'bkl:bookings:0');
    assert.equal(people.bot.messages(77)[0]?.text, '📋 Предстоящих записей пока нет. Новые появятся здесь.');
    for (const forged of ['bkl:all:0', 'bkl:bookings:-1', 'bkl:bookings:1000', 'bkl:bookings:'])
      assert.deepEqual(await people.bot.press(IVAN, IVAN, 1, forged), []);
    assert.deepEqual(await people.bot.press(IVAN, -100, 1, 'bkl:bookings:0'), []);
  });
});

describeOnPostgres('lists of bookings', ({ open }) => listTests(async (t) => openPeopleBot(t, await open(t))));
