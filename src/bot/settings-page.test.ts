import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastShown, openPeopleBot, type PeopleBot } from '#test/support/people.ts';

const IVAN = 1001;

const shown = (people: PeopleBot, chat = IVAN) => lastShown(people, chat);

async function press(people: PeopleBot, label: string): Promise<string> {
  const { buttons, id } = shown(people);
  const [answer] = await people.bot.press(IVAN, IVAN, id, buttons[label] ?? label);
  return answer?.kind === 'answer' ? answer.text : 'no answer';
}

describe('/settings', () => {
  test('shows and changes language and ads in place', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN });
    await people.bot.text(IVAN, '/settings');
    assert.equal(shown(people).text, '⚙️ Настройки\n\n🌐 Язык: русский\n📣 Реклама: включена');
    assert.equal(await press(people, '🔕 Отключить рекламу'), 'Сохранено');
    assert.match(shown(people).text, /отключена$/);
    assert.equal(await press(people, '🌐 English'), 'Saved');
    assert.equal(shown(people).text, '⚙️ Settings\n\n🌐 Language: English\n📣 Ads: off');
    assert.equal(await press(people, '📣 Turn ads on'), 'Saved');
    const now = await people.userNow(user.id);
    assert.deepEqual([now?.locale, now?.ads_opt_out], ['en', false]);
    assert.equal(people.bot.messages(IVAN).length, 1);
  });

  test('takes a second tap for what it is', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN });
    await people.bot.text(IVAN, '/settings');
    const { id, buttons } = shown(people);
    const ads = buttons['🔕 Отключить рекламу'] ?? '';
    await people.bot.press(IVAN, IVAN, id, ads);
    const first = shown(people);
    await people.bot.press(IVAN, IVAN, id, ads);
    assert.deepEqual(shown(people), first);
    assert.equal((await people.userNow(user.id))?.ads_opt_out, true);
  });

  test('lets an account with several companies choose, and come back', async (t) => {
    const people = await openPeopleBot(t);
    const spring = await people.user(await people.company('Весна'), 'client', { tg_id: IVAN });
    const autumn = await people.user(await people.company('<Осень> & Co'), 'admin', { tg_id: IVAN });
    await people.bot.text(IVAN, '/settings');
    assert.deepEqual(Object.keys(shown(people).buttons), ['🏢 Весна', '🏢 <Осень> & Co']);
    await press(people, '🏢 <Осень> & Co');
    assert.match(shown(people).text, /^⚙️ Настройки\n\n🏢 <Осень> & Co\n\n🌐/);
    await press(people, '🔕 Отключить рекламу');
    await press(people, '⬅️ Все компании');
    assert.match(shown(people).text, /Для какой компании\?$/);
    assert.equal((await people.userNow(autumn.id))?.ads_opt_out, true);
    assert.equal((await people.userNow(spring.id))?.ads_opt_out, false);
  });

  test('tells two users of one company apart by their roles', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    await people.user(company, 'client', { tg_id: IVAN, locale: 'en' });
    await people.user(company, 'specialist', { tg_id: IVAN });
    await people.bot.text(IVAN, '/settings');
    assert.deepEqual(Object.keys(shown(people).buttons), ['🏢 Весна · client', '🏢 Весна · specialist']);
  });

  test('refuses forged buttons for somebody else’s users', async (t) => {
    const people = await openPeopleBot(t);
    const company = await people.company();
    await people.user(company, 'client', { tg_id: IVAN });
    const other = await people.user(company, 'client', { tg_id: 1002 });
    const group = await people.user(company, 'admin', { tg_id: -100 });
    for (const id of [other.id, group.id, 999_999])
      for (const data of [`bks:open:${id}`, `bks:lang:${id}:en`, `bks:ads:${id}:off`])
        assert.equal(await press(people, data), 'Это больше недоступно');
    assert.deepEqual(people.bot.messages(IVAN), []);
    assert.equal((await people.userNow(other.id))?.ads_opt_out, false);
    // A stranger has no settings at all.
    const [answer] = await people.bot.press(77, 77, 1, 'bks:all');
    assert.deepEqual(answer, { ...answer, kind: 'answer', text: 'Это больше недоступно' });
  });

  test('does nothing for words that it does not know, or in a group', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN });
    for (const data of [
      `bks:lang:${user.id}:de`,
      `bks:ads:${user.id}:`,
      `bks:lang:${user.id}:en:x`,
      'bks:',
      'bks:open:-1',
    ])
      assert.deepEqual(await people.bot.press(IVAN, IVAN, 1, data), []);
    assert.deepEqual(await people.bot.press(IVAN, -100, 1, `bks:lang:${user.id}:en`), []);
    assert.equal((await people.userNow(user.id))?.locale, 'ru');
  });
});
