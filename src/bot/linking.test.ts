import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsedLink } from '#src/db/bot-entities.ts';
import { createLinkSigner } from '#src/links/link-signer.ts';
import { group, membership, person, privateChat, textUpdate } from '#test/support/handler-bot.ts';
import { openPeopleBot, type PeopleBot } from '#test/support/people.ts';

const IVAN = 1001;
const PETR = 1002;

/** What the person reads in answer to a text. */
async function read({ bot }: PeopleBot, userId: number, text: string): Promise<string> {
  const responses = await bot.text(userId, text);
  assert.deepEqual(
    responses.map(({ kind }) => kind),
    ['send'],
  );
  return bot.messages(userId).at(-1)?.text ?? '';
}

const stateOf = async (people: PeopleBot, id: number) => {
  const user = await people.userNow(id);
  return [user?.tg_id, user?.telegram_unreachable];
};

describe('a link', () => {
  test('ties the chat to its user and says what will come', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { telegram_unreachable: 'blocked' });
    assert.equal(
      await read(people, IVAN, people.linkOf(user)),
      '✅ Здравствуйте, Иван Петров! Этот чат подключён к уведомлениям компании «Весна».\n\n' +
        'Я сообщу о новых записях, переносах и отменах и напомню о визите.\n\nЧто ещё я умею: /help',
    );
    assert.deepEqual(await stateOf(people, user.id), [IVAN, null]);
  });

  test('speaks the language of its user', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company('Spring'), 'specialist', { locale: 'en', name: 'Ann' });
    assert.match(
      await read(people, IVAN, people.linkOf(user)),
      /^✅ Hello, Ann! This chat now gets notifications from Spring\.\n\nI’ll tell you about new bookings with you/,
    );
  });

  test('tells an admin of groups', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'admin');
    assert.match(await read(people, IVAN, people.linkOf(user)), /отправьте там \/link/);
  });

  test('tells an admin where they will hear while a group does', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    const user = await people.user(company, 'admin');
    await people.user(company, 'admin', { tg_id: -100, name: 'Смена <1>' });
    assert.match(await read(people, IVAN, people.linkOf(user)), /сейчас приходят в группу «Смена <1>»/);
  });

  test('shows names with markup as they are', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company('<b>"A&B"</b>\n'), 'client', { name: '<a href="x">&' });
    assert.match(await read(people, IVAN, people.linkOf(user)), /^✅ Здравствуйте, <a href="x">&!.*«<b>"A&B"<\/b>»\./);
  });

  test('opened again by the same account is answered kindly and changes nothing', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client');
    const link = people.linkOf(user);
    await read(people, IVAN, link);
    assert.match(await read(people, IVAN, link), /^✅ Этот чат уже подключён к уведомлениям компании «Весна»\./);
    assert.deepEqual(await stateOf(people, user.id), [IVAN, null]);
    assert.equal(await people.database.read().count(UsedLink, {}), 1);
  });

  test('works for one account only', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client');
    const link = people.linkOf(user);
    await read(people, IVAN, link);
    assert.match(await read(people, PETR, link), /уже воспользовались в другом аккаунте/);
    assert.deepEqual(await stateOf(people, user.id), [IVAN, null]);
  });

  test('a new one moves the user to another account', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN });
    assert.match(await read(people, PETR, people.linkOf(user)), /Здравствуйте/);
    assert.deepEqual(await stateOf(people, user.id), [PETR, null]);
  });

  test('ties one account to users of several companies', async (t) => {
    const people = await openPeopleBot(t);
    const one = await people.user(await people.company('Весна'), 'client');
    const other = await people.user(await people.company('Осень'), 'specialist');
    await read(people, IVAN, people.linkOf(one));
    assert.match(await read(people, IVAN, people.linkOf(other)), /«Осень»/);
    assert.deepEqual(
      [await stateOf(people, one.id), await stateOf(people, other.id)],
      [
        [IVAN, null],
        [IVAN, null],
      ],
    );
  });

  test('that has expired, is foreign, torn or forged is refused kindly and ties nothing', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client');
    const foreign = createLinkSigner({ secret: Buffer.alloc(32, 9) });
    const claims = { company_id: user.company_id, user_id: user.id, booking_id: null, event_type: null };
    const forged = foreign.sign({ purpose: 'telegram_start', ...claims }, new Date('2027-01-01'));
    const refusals: [string, RegExp][] = [
      [people.linkOf(user, { expiresAt: people.bot.now }), /Срок действия этой ссылки истёк/],
      [`/start ${forged}`, /Эта ссылка не работает/],
      [people.linkOf(user, { purpose: 'subscribe' }), /Эта ссылка не работает/],
      [people.linkOf(user).slice(0, -5), /Эта ссылка не работает/],
      ['/start <b>привет</b>', /Эта ссылка не работает/],
      [people.linkOf(user, { user_id: 999 }), /больше не действует/],
      [people.linkOf(user, { company_id: 999 }), /больше не действует/],
    ];
    for (const [text, answer] of refusals) assert.match(await read(people, IVAN, text), answer);
    assert.deepEqual(await stateOf(people, user.id), [null, null]);
    assert.equal(await people.database.read().count(UsedLink, {}), 0);
  });

  test('does not make a group’s user somebody’s own', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'admin', { tg_id: -100 });
    assert.match(await read(people, IVAN, people.linkOf(user)), /Эта ссылка не работает/);
    assert.deepEqual(await stateOf(people, user.id), [-100, null]);
  });

  test('is not opened in a group', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client');
    await people.bot.text(IVAN, people.linkOf(user), group(-100));
    assert.match(people.bot.messages(-100)[0]?.text ?? '', /откройте ссылку в личном чате/);
    assert.deepEqual(await stateOf(people, user.id), [null, null]);
    assert.match(await read(people, IVAN, people.linkOf(user)), /Здравствуйте/);
  });
});

describe('without a link', () => {
  test('a stranger is told what the bot is, in the language of their Telegram', async (t) => {
    const people = await openPeopleBot(t);
    for (const text of ['/start', 'привет', '/stop', '/help', '/settings', '/bookings', '/today', '/unknown'])
      assert.match(await read(people, IVAN, text), /^👋 Здравствуйте! Я присылаю уведомления[\s\S]*Мы пока не знакомы/);
    const from = { ...person(IVAN), language_code: 'en-GB' };
    await people.bot.update(textUpdate(IVAN, 'hi', privateChat(IVAN), { from }));
    assert.match(people.bot.messages(IVAN).at(-1)?.text ?? '', /^👋 Hello! I send notifications/);
  });

  test('who is known is welcomed back and hears again, whatever they had chosen', async (t) => {
    const people = await openPeopleBot(t);
    const one = await people.user(await people.company(), 'client', { tg_id: IVAN, telegram_unreachable: 'stopped' });
    const other = await people.user(await people.company(), 'client', { tg_id: IVAN, telegram_unreachable: 'blocked' });
    assert.match(await read(people, IVAN, '/start'), /^👋 С возвращением, Иван Петров! Уведомления включены\./);
    assert.deepEqual(
      [await stateOf(people, one.id), await stateOf(people, other.id)],
      [
        [IVAN, null],
        [IVAN, null],
      ],
    );
  });

  test('any other text points to the help', async (t) => {
    const people = await openPeopleBot(t);
    await people.user(await people.company(), 'client', { tg_id: IVAN });
    assert.equal(
      await read(people, IVAN, 'Можно на завтра?'),
      'Я понимаю команды и кнопки под сообщениями. Что я умею: /help',
    );
    await read(people, IVAN, '/stop');
    assert.match(await read(people, IVAN, 'эй'), /^Уведомления сейчас отключены\. Включить их: \/start/);
  });
});

describe('leaving', () => {
  test('/stop silences all users of the account and says how to come back', async (t) => {
    const people = await openPeopleBot(t);
    const one = await people.user(await people.company(), 'client', { tg_id: IVAN });
    const other = await people.user(await people.company(), 'admin', { tg_id: IVAN });
    const stranger = await people.user(await people.company(), 'admin', { tg_id: PETR });
    assert.match(await read(people, IVAN, '/stop'), /больше не беспокою[\s\S]*\/start/);
    assert.deepEqual(
      await Promise.all([one, other, stranger].map(async ({ id }) => (await people.userNow(id))?.telegram_unreachable)),
      ['stopped', 'stopped', null],
    );
  });

  test('blocking the bot and letting it back are remembered, without a word', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN });
    const change = (from: string, to: string) => people.bot.update(membership(IVAN, privateChat(IVAN), from, to));
    assert.deepEqual(await change('member', 'kicked'), []);
    assert.deepEqual(await stateOf(people, user.id), [IVAN, 'blocked']);
    assert.deepEqual(await change('kicked', 'member'), []);
    assert.deepEqual(await stateOf(people, user.id), [IVAN, null]);
  });
});
