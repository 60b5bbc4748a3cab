import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Card } from '#src/db/bot-entities.ts';
import { User } from '#src/db/entities.ts';
import { findRows } from '#src/db/rows.ts';
import { type GivenUpdate, group, membership, person, textUpdate } from '#test/support/handler-bot.ts';
import { openPeopleBot, type PeopleBot } from '#test/support/people.ts';

const OLGA = 1001;
const IVAN = 1002;
const GROUP = -1_000_000_000_055;

async function read({ bot }: PeopleBot, userId: number, text: string): Promise<string> {
  await bot.text(userId, text, group(GROUP));
  return bot.messages(GROUP).at(-1)?.text ?? '';
}

const groupsOf = async ({ database }: PeopleBot) =>
  (await findRows(database.read(), User, { tg_id: { $lt: 0 } }, { orderBy: { id: 'asc' } })).map(
    ({ company_id, tg_id, name, role, locale, telegram_unreachable }) =>
      [company_id, tg_id, name, role, locale, telegram_unreachable] as const,
  );

const service = (what: object, chat = group(GROUP)): GivenUpdate =>
  ({ message: { message_id: 9, date: 1, chat, from: person(OLGA), ...what } }) as GivenUpdate;

describe('/link', () => {
  test('by an admin makes the group a user of the company', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    await people.user(company, 'admin', { tg_id: OLGA });
    assert.match(await read(people, OLGA, '/link'), /^✅ Уведомления для администраторов компании «Весна» теперь/);
    assert.deepEqual(await groupsOf(people), [[company.id, GROUP, 'Админы', 'admin', 'ru', null]]);
  });

  test('said twice changes nothing', async (t) => {
    const people = await openPeopleBot(t);
    await people.user(await people.company(), 'admin', { tg_id: OLGA, locale: 'en' });
    assert.match(
      await read(people, OLGA, '/link'),
      /^✅ Notifications for the administrators of Весна now come to this/,
    );
    assert.match(await read(people, OLGA, '/link@vestnik_test_bot'), /^✅ This group is already connected to Весна\./);
    assert.equal((await groupsOf(people)).length, 1);
  });

  test('is for admins of a company alone', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    await people.user(company, 'client', { tg_id: IVAN });
    await people.user(company, 'specialist', { tg_id: IVAN });
    for (const userId of [IVAN, 77])
      assert.match(await read(people, userId, '/link'), /^Подключить или отключить группу может только администратор/);
    assert.deepEqual(await groupsOf(people), []);
  });

  test('on behalf of the group or a channel is refused, for nobody knows by whom', async (t) => {
    const people = await openPeopleBot(t);
    await people.user(await people.company(), 'admin', { tg_id: OLGA });
    for (const sender_chat of [group(GROUP), { id: -5, type: 'channel', title: 'Новости' }]) {
      await people.bot.update(textUpdate(OLGA, '/link', group(GROUP), { sender_chat }));
      assert.match(people.bot.messages(GROUP).at(-1)?.text ?? '', /^Не могу понять, кто вы/);
    }
    assert.deepEqual(await groupsOf(people), []);
  });

  test('lets the admin of several companies choose by buttons, which only their admins may press', async (t) => {
    const people = await openPeopleBot(t);
    const [spring, autumn] = [await people.company('Весна'), await people.company('<i>Осень')];
    for (const company of [spring, autumn]) await people.user(company, 'admin', { tg_id: OLGA });
    await people.user(spring, 'admin', { tg_id: IVAN });
    assert.equal(await read(people, OLGA, '/link'), 'К какой компании подключить эту группу?');
    const [message] = people.bot.messages(GROUP);
    assert.deepEqual(message?.keyboard, [
      [{ text: '🏢 Весна', callback_data: `bkg:link:${spring.id}` }],
      [{ text: '🏢 <i>Осень', callback_data: `bkg:link:${autumn.id}` }],
    ]);
    const messageId = message?.message_id ?? 0;
    for (const [userId, data] of [
      [IVAN, `bkg:link:${autumn.id}`],
      [77, `bkg:link:${autumn.id}`],
      [OLGA, 'bkg:link:999'],
    ] as const) {
      const [answer, ...more] = await people.bot.press(userId, GROUP, messageId, data);
      assert.deepEqual(
        [answer?.kind === 'answer' && answer.text, more],
        ['Это может только администратор компании', []],
      );
    }
    assert.deepEqual(await groupsOf(people), []);
    await people.bot.press(OLGA, GROUP, messageId, `bkg:link:${autumn.id}`);
    assert.match(people.bot.messages(GROUP)[0]?.text ?? '', /компании «<i>Осень» теперь приходят/);
    await people.bot.press(OLGA, GROUP, messageId, `bkg:link:${autumn.id}`);
    await people.bot.press(IVAN, GROUP, messageId, `bkg:link:${spring.id}`);
    assert.deepEqual(
      (await groupsOf(people)).map(([company]) => company),
      [autumn.id, spring.id],
    );
  });

  test('in a private chat says where it works', async (t) => {
    const people = await openPeopleBot(t);
    await people.user(await people.company(), 'admin', { tg_id: OLGA });
    await people.bot.text(OLGA, '/link');
    assert.match(people.bot.messages(OLGA)[0]?.text ?? '', /^Эта команда работает в группе/);
    assert.deepEqual(await people.bot.press(OLGA, OLGA, 1, 'bkg:link:1'), []);
  });
});

describe('/unlink', () => {
  test('takes the group away from the company of the admin', async (t) => {
    const people = await openPeopleBot(t);
    const [spring, autumn] = [await people.company('Весна'), await people.company('Осень')];
    await people.user(spring, 'admin', { tg_id: OLGA });
    await people.user(autumn, 'admin', { tg_id: IVAN });
    assert.match(await read(people, OLGA, '/unlink'), /^Эта группа не подключена ни к одной компании/);
    await read(people, IVAN, '/link');
    assert.match(await read(people, OLGA, '/unlink'), /^Подключить или отключить группу может только администратор/);
    await read(people, OLGA, '/link');
    assert.equal(await read(people, OLGA, '/unlink'), '✅ Группа отключена от компании «Весна».');
    assert.deepEqual(
      (await groupsOf(people)).map(([company]) => company),
      [autumn.id],
    );
  });

  test('asks which where there are several', async (t) => {
    const people = await openPeopleBot(t);
    for (const name of ['Весна', 'Осень']) {
      const company = await people.company(name);
      await people.user(company, 'admin', { tg_id: OLGA });
      await people.user(company, 'admin', { tg_id: GROUP });
    }
    assert.equal(await read(people, OLGA, '/unlink'), 'От какой компании отключить эту группу?');
    const [message] = people.bot.messages(GROUP);
    const data = message?.keyboard[1]?.[0]?.callback_data ?? '';
    await people.bot.press(OLGA, GROUP, message?.message_id ?? 0, data);
    assert.equal(people.bot.messages(GROUP)[0]?.text, '✅ Группа отключена от компании «Осень».');
    await people.bot.press(OLGA, GROUP, message?.message_id ?? 0, data);
    assert.equal((await groupsOf(people)).length, 1);
  });

  test('keeps a row that a booking refers to, without its chat', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    const client = await people.user(company, 'client');
    await people.user(company, 'admin', { tg_id: OLGA });
    const specialist = await people.user(company, 'admin', { tg_id: GROUP });
    await people.book(company, { client, specialist }, { starts_at: people.bot.now });
    await read(people, OLGA, '/unlink');
    assert.equal((await people.userNow(specialist.id))?.tg_id, null);
  });
});

describe('what becomes of a group', () => {
  test('the bot greets a group that it is added to, and is silent where it is known', async (t) => {
    const people = await openPeopleBot(t);
    await people.bot.update(membership(OLGA, group(GROUP), 'left', 'member'));
    assert.match(people.bot.messages(GROUP)[0]?.text ?? '', /^👋 Здравствуйте! Сюда могут приходить уведомления/);
    assert.deepEqual(await people.bot.update(membership(OLGA, group(GROUP), 'member', 'administrator')), []);
    await people.user(await people.company(), 'admin', { tg_id: GROUP });
    assert.deepEqual(await people.bot.update(membership(OLGA, group(GROUP), 'left', 'member')), []);
  });

  test('a group that threw the bot out is not written to until it takes it back', async (t) => {
    const people = await openPeopleBot(t);
    const { id } = await people.user(await people.company(), 'admin', { tg_id: GROUP });
    for (const gone of ['kicked', 'left']) {
      await people.bot.update(membership(OLGA, group(GROUP), 'member', gone));
      assert.equal((await people.userNow(id))?.telegram_unreachable, 'blocked');
      await people.bot.update(membership(OLGA, group(GROUP), gone, 'member'));
      assert.equal((await people.userNow(id))?.telegram_unreachable, null);
    }
  });

  test('/link brings back a group that could not be written to', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    await people.user(company, 'admin', { tg_id: OLGA });
    const { id } = await people.user(company, 'admin', { tg_id: GROUP, telegram_unreachable: 'blocked' });
    assert.match(await read(people, OLGA, '/link'), /теперь приходят в эту группу/);
    assert.equal((await people.userNow(id))?.telegram_unreachable, null);
  });

  test('its new title becomes the name of its user', async (t) => {
    const people = await openPeopleBot(t);
    const { id } = await people.user(await people.company(), 'admin', { tg_id: GROUP });
    await people.bot.update(service({ new_chat_title: 'Смена <1>' }));
    assert.equal((await people.userNow(id))?.name, 'Смена <1>');
  });

  for (const [name, update] of [
    ['told in the old chat', service({ migrate_to_chat_id: GROUP }, group(-55))],
    ['told in the new chat', service({ migrate_from_chat_id: -55 })],
  ] as const)
    test(`its users follow it when it becomes a supergroup, ${name}`, async (t) => {
      const people = await openPeopleBot(t);
      const [spring, autumn] = [await people.company('Весна'), await people.company('Осень')];
      await people.user(spring, 'admin', { tg_id: -55, telegram_unreachable: 'blocked' });
      await people.user(autumn, 'admin', { tg_id: -55 });
      // Somebody was quicker than Telegram.
      await people.user(autumn, 'admin', { tg_id: GROUP });
      await people.database.write((tx) => tx.insert(Card, cardIn(-55)));
      await people.bot.update(update);
      await people.bot.update(update);
      assert.deepEqual(
        (await groupsOf(people)).map(([company, chat, , , , unreachable]) => [company, chat, unreachable]),
        [
          [spring.id, GROUP, null],
          [autumn.id, GROUP, null],
        ],
      );
      assert.equal(await people.database.read().count(Card, {}), 0);
    });
});

const cardIn = (chat_id: number) => ({
  ...{ chat_id, message_id: 5, company_id: 1, booking_id: 1, user_id: 1, audience: 'admin' as const, event: null },
  ...{
    view: '{"kind":"menu"}',
    return_to: 'card',
    version: 1,
    stale: false,
    sent_at: new Date(),
    view_expires_at: null,
  },
});
