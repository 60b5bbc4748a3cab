import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { group } from '#test/support/handler-bot.ts';
import { openPeopleBot } from '#test/support/people.ts';
import { BOT_COMMANDS } from './commands.ts';

const IVAN = 1001;
const GROUP = -100;

describe('/help', () => {
  const HELP = {
    client: [/^Я присылаю уведомления о ваших записях/, /^I send you notifications about your bookings/],
    specialist: [/^Я сообщаю о записях к вам[\s\S]*\/today/, /^I tell you about bookings with you[\s\S]*\/today/],
    admin: [/^Я сообщаю обо всех записях компании[\s\S]*\/link/, /^I tell you about all of the company[\s\S]*\/link/],
  } as const;
  for (const role of ['client', 'specialist', 'admin'] as const)
    test(`says what a ${role} can do, in both languages`, async (t) => {
      const people = await openPeopleBot(t);
      const company = await people.company();
      await people.user(company, role, { tg_id: IVAN });
      await people.user(company, role, { tg_id: 77, locale: 'en' });
      for (const userId of [IVAN, 77]) await people.bot.text(userId, '/help');
      assert.match(people.bot.messages(IVAN)[0]?.text ?? '', HELP[role][0]);
      assert.match(people.bot.messages(77)[0]?.text ?? '', HELP[role][1]);
    });

  test('is that of the role with the most to do', async (t) => {
    const people = await openPeopleBot(t);
    for (const role of ['client', 'admin', 'specialist'] as const)
      await people.user(await people.company(), role, { tg_id: IVAN });
    await people.bot.text(IVAN, '/help');
    assert.match(people.bot.messages(IVAN)[0]?.text ?? '', HELP.admin[0]);
  });
});

test('a group is told what works in it, and what does not', async (t) => {
  const people = await openPeopleBot(t);
  const answers: [string, RegExp][] = [
    ['/help', /^Сюда могут приходить уведомления[\s\S]*\/unlink/],
    ['/start', /^Сюда могут приходить уведомления/],
    ...['/bookings', '/today@vestnik_test_bot', '/settings', '/stop_ads', '/stop'].map((command): [string, RegExp] => [
      command,
      /^Эта команда работает в личном чате со мной\.$/,
    ]),
  ];
  for (const [text, answer] of answers) {
    await people.bot.text(IVAN, text, group(GROUP));
    assert.match(people.bot.messages(GROUP).at(-1)?.text ?? '', answer, text);
  }
  for (const text of ['привет', '/help@other_bot', '/unknown'])
    assert.deepEqual(await people.bot.text(IVAN, text, group(GROUP)), []);
});

test('the menu has each command in both languages, in private chats and in groups', () => {
  const named = BOT_COMMANDS.map(({ scope, language_code = 'ru', commands }) => [
    `${scope?.type} ${language_code}`,
    commands.map(({ command }) => command).join(' '),
  ]);
  assert.deepEqual(named, [
    ['all_private_chats ru', 'bookings today settings stop_ads help stop'],
    ['all_group_chats ru', 'link unlink'],
    ['all_private_chats en', 'bookings today settings stop_ads help stop'],
    ['all_group_chats en', 'link unlink'],
  ]);
  // Bot API, BotCommand.
  for (const { description } of BOT_COMMANDS.flatMap(({ commands }) => commands))
    assert.equal(description.length >= 1 && description.length <= 256, true);
});
