import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_QUIET_HOURS, decodeQuietHours, encodeQuietHours } from '#src/domain/quiet-hours.ts';
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
    const quiet = '🌙 Реклама не приходит с 22:00 до 08:00\n🔔 Сообщения о записях всегда со звуком';
    assert.equal(shown(people).text, `⚙️ Настройки\n\n🌐 Язык: русский\n📣 Реклама: включена\n${quiet}`);
    assert.equal(await press(people, '🔕 Отключить рекламу'), 'Сохранено');
    assert.match(shown(people).text, /отключена\n/);
    assert.equal(await press(people, '🌐 English'), 'Saved');
    assert.equal(
      shown(people).text,
      '⚙️ Settings\n\n🌐 Language: English\n📣 Ads: off\n🌙 No ads from 22:00 to 08:00\n🔔 Booking messages always with sound',
    );
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

  test('sets quiet hours of both kinds, and says by which clock', async (t) => {
    const people = await openPeopleBot(t);
    const user = await people.user(await people.company(), 'client', { tg_id: IVAN, time_zone: 'Asia/Tokyo' });
    const hoursNow = async () => decodeQuietHours((await people.userNow(user.id))?.quiet_hours ?? '');
    await people.bot.text(IVAN, '/settings');
    assert.equal(await press(people, '🔕 Тихие часы для записей'), '');
    assert.match(shown(people).text, /^🔔 Сообщения о записях всегда со звуком\n\n[\s\S]+\n\nВремя: Asia\/Tokyo$/);
    const offered = ['22–08', '23–07', '21–09', '✅ Без тихих часов', '⬅️ К настройкам'];
    assert.deepEqual(Object.keys(shown(people).buttons), offered);
    const late = shown(people).buttons['23–07'] ?? '';
    assert.equal(await press(people, '23–07'), 'Сохранено');
    assert.equal(await press(people, late), 'Сохранено');
    assert.match(shown(people).text, /^🔕 Сообщения о записях без звука с 23:00 до 07:00/);
    assert.deepEqual(await hoursNow(), { ...DEFAULT_QUIET_HOURS, messages: { from: '23:00', to: '07:00' } });
    await press(people, '⬅️ К настройкам');
    await press(people, '🌙 Тихие часы для рекламы');
    assert.ok('✅ 22–08' in shown(people).buttons);
    await press(people, 'Без тихих часов');
    assert.deepEqual(await hoursNow(), { broadcasts: null, messages: { from: '23:00', to: '07:00' } });
    await press(people, '⬅️ К настройкам');
    assert.match(
      shown(people).text,
      /🌙 Реклама приходит в любое время\n🔕 Сообщения о записях без звука с 23:00 до 07:00$/,
    );
    assert.equal(people.bot.messages(IVAN).length, 1);
  });

  test('shows hours that were set elsewhere, in English too', async (t) => {
    const people = await openPeopleBot(t);
    const quiet_hours = encodeQuietHours({ broadcasts: { from: '20:15', to: '09:45' }, messages: null });
    await people.user(await people.company(), 'client', { tg_id: IVAN, locale: 'en', quiet_hours });
    await people.bot.text(IVAN, '/settings');
    await press(people, '🌙 Quiet hours for ads');
    assert.match(shown(people).text, /^🌙 No ads from 20:15 to 09:45\n\n[\s\S]+\n\nTime zone: Europe\/Moscow$/);
    const none = ['22–08', '23–07', '21–09', 'No quiet hours', '⬅️ Back to settings'];
    assert.deepEqual(Object.keys(shown(people).buttons), none);
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
      for (const data of [
        `bks:open:${id}`,
        `bks:lang:${id}:en`,
        `bks:ads:${id}:off`,
        `bks:quiet:${id}:ads`,
        `bks:quiet:${id}:own:22-08`,
      ])
        assert.equal(await press(people, data), 'Это больше недоступно');
    assert.deepEqual(people.bot.messages(IVAN), []);
    const { ads_opt_out, quiet_hours } = (await people.userNow(other.id)) ?? {};
    assert.deepEqual([ads_opt_out, decodeQuietHours(quiet_hours ?? '')], [false, DEFAULT_QUIET_HOURS]);
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
      `bks:quiet:${user.id}:all:22-08`,
      `bks:quiet:${user.id}:ads:00-00`,
      `bks:quiet:${user.id}:ads:22-08:x`,
      `bks:quiet:${user.id}:own:`,
      'bks:',
      'bks:open:-1',
    ])
      assert.deepEqual(await people.bot.press(IVAN, IVAN, 1, data), []);
    assert.deepEqual(await people.bot.press(IVAN, -100, 1, `bks:lang:${user.id}:en`), []);
    const { locale, quiet_hours } = (await people.userNow(user.id)) ?? {};
    assert.deepEqual([locale, decodeQuietHours(quiet_hours ?? '')], ['ru', DEFAULT_QUIET_HOURS]);
  });
});
