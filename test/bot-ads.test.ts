import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createTelegramApi } from '#src/channels/telegram-api.ts';
import { renderBroadcast } from '#src/messages/render-broadcast.ts';
import { ask, lastIn, pressLast } from './support/bot-talk.ts';
import { answerTo, dataOf } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const GROUP = -700_002;

/** The chat's newest message carries exactly these buttons. */
const untilButtons = (vestnik: Vestnik, chat: number, buttons: string[]) =>
  eventually(() => {
    const message = lastIn(vestnik, chat);
    assert.deepEqual(message && dataOf(message), buttons);
  });

const optedOut = async (vestnik: Vestnik, userId: number): Promise<boolean> =>
  (await vestnik.call('GET', `/v1/users/${userId}`)).body.ads_opt_out;

/** As the bot sends it: to the chat, for this user of it. */
async function sendBroadcast({ telegram, env }: Vestnik, chat: number, user_id: number): Promise<number> {
  const api = createTelegramApi({ token: env.TELEGRAM_BOT_TOKEN ?? '', apiRoot: telegram.apiRoot });
  const legal = { ad_advertiser: 'ООО «Ромашка»', ad_marking_token: '2VtzqwX' };
  const tg_html = '<b>Весна</b> пришла';
  const { html, keyboard } = renderBroadcast({ locale: 'ru', user_id, tg_html, legal, company_name: null });
  const more = { parse_mode: 'HTML', reply_markup: { inline_keyboard: keyboard } } as const;
  return (await api.api.sendMessage(chat, html, more)).message_id;
}

async function openWithAd(t: TestContext): Promise<{ vestnik: Vestnik; salon: Salon }> {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const company_id = salon.companyId;
  const marking = { ad_advertiser: 'ООО «Ромашка» & Co', ad_marking_token: '2VtzqwX' };
  assert.equal((await vestnik.call('PATCH', `/v1/companies/${company_id}`, marking)).status, 200);
  const ad = await vestnik.create('/v1/ad-templates', { company_id, name: 'ad', content_tg: '<b>Скидка</b> 20%' });
  const query = `company_id=${company_id}&event_type=booking_created`;
  const { body } = await vestnik.call('GET', `/v1/notification-settings?${query}`);
  for (const { id } of body.items)
    await vestnik.call('PATCH', `/v1/notification-settings/${id}`, { ad_template_id: ad.id });
  return { vestnik, salon };
}

test('an ad has its legal line below until /stop_ads, and again after the button that brings ads back', async (t) => {
  const { vestnik, salon } = await openWithAd(t);
  const { id, chat } = salon.people.client;
  let day = 10;
  const newest = async (of: number): Promise<string> => {
    day += 1;
    await salon.book(null, { starts_at: `2027-01-${day}T11:00:00Z` });
    await vestnik.settled();
    return lastIn(vestnik, of)?.text ?? '';
  };
  assert.match(await newest(chat), /\n\nСкидка 20%\n\nРеклама\. ООО «Ромашка» & Co\. erid: 2VtzqwX$/);
  const { chat: english } = salon.people.other_admin;
  assert.match(lastIn(vestnik, english)?.text ?? '', /\n\nСкидка 20%\n\nAd\. ООО «Ромашка» & Co\. erid: 2VtzqwX$/);

  assert.match(await ask(vestnik, chat, '/stop_ads'), /^🔕 Хорошо, рекламы больше не будет\.[\s\S]*\/settings/);
  assert.equal(await optedOut(vestnik, id), true);
  assert.doesNotMatch(await newest(chat), /Скидка|Реклама/);
  assert.match(await ask(vestnik, chat, '/settings'), /📣 Реклама: отключена$/m);
  await ask(vestnik, chat, '/stop_ads');
  assert.equal(await pressLast(vestnik, chat, `bka:on:${salon.companyId}`), 'Сохранено');
  await untilButtons(vestnik, chat, [`bka:off:${salon.companyId}`]);
  assert.match(await newest(chat), /erid: 2VtzqwX$/);
});

test('an account with several companies chooses whose ads end', async (t) => {
  const vestnik = await startVestnik(t);
  const one = await openSalon(vestnik);
  const { chat } = one.people.client;
  const two = await openSalon(vestnik, { client: { tg_id: chat } });
  const [first, second] = [one.people.client.id, two.people.client.id];
  await ask(vestnik, chat, '/stop_ads');
  await untilButtons(vestnik, chat, [`bka:off:${one.companyId}`, `bka:off:${two.companyId}`, 'bka:off:all']);
  assert.equal(await pressLast(vestnik, chat, `bka:off:${two.companyId}`), 'Сохранено');
  assert.deepEqual([await optedOut(vestnik, first), await optedOut(vestnik, second)], [false, true]);
  await pressLast(vestnik, chat, 'bka:choose');
  await pressLast(vestnik, chat, 'bka:off:all');
  assert.deepEqual([await optedOut(vestnik, first), await optedOut(vestnik, second)], [true, true]);
});

test('the button under a broadcast is a switch, which leaves the text alone and obeys nobody else', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { telegram } = vestnik;
  const { id, chat } = salon.people.client;
  const messageId = await sendBroadcast(vestnik, chat, id);
  const before = lastIn(vestnik, chat);
  const forged = (data: string) =>
    answerTo(vestnik, telegram.pressButton(chat, messageId, data, chat, { forged: true }));
  for (const data of [`bks:stop:${salon.people.admin.id}`, 'bks:stop:0', 'bks:again:9999999999'])
    assert.equal(await forged(data), 'Это больше недоступно');
  for (const data of [`bks:stop:${id}x`, 'bks:stop:', 'bks:\u0000', 'bka:off:all:all'])
    assert.equal(await forged(data), '');
  assert.deepEqual(lastIn(vestnik, chat), before);
  assert.equal(await optedOut(vestnik, salon.people.admin.id), false);

  const said = 'Компания «Весна» больше не будет присылать вам рекламу';
  const taps = ['first', 'again', 'once more'].map(() => forged(`bks:stop:${id}`));
  assert.deepEqual(await Promise.all(taps), [said, said, said]);
  await untilButtons(vestnik, chat, [`bks:again:${id}`]);
  assert.equal(await optedOut(vestnik, id), true);
  assert.equal(await pressLast(vestnik, chat, `bks:again:${id}`), 'Компания «Весна» снова будет присылать вам рекламу');
  await untilButtons(vestnik, chat, [`bks:stop:${id}`]);
  assert.equal(await optedOut(vestnik, id), false);
  const { text, entities } = lastIn(vestnik, chat) ?? {};
  assert.deepEqual([text, entities], [before?.text, before?.entities]);
  assert.equal(text, 'Весна пришла\n\nРеклама. ООО «Ромашка». erid: 2VtzqwX');
});

test('a broadcast in a group of admins obeys the admins of the company', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { people, companyId } = salon;
  vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
  await ask(vestnik, people.admin.chat, '/link', GROUP);
  const { body } = await vestnik.call('GET', `/v1/users?company_id=${companyId}&tg_id=${GROUP}`);
  const { id } = body.items[0];
  await sendBroadcast(vestnik, GROUP, id);
  const refusal = 'Это может только администратор компании';
  assert.equal(await pressLast(vestnik, people.client.chat, `bks:stop:${id}`, GROUP), refusal);
  assert.equal(await optedOut(vestnik, id), false);
  const said = await pressLast(vestnik, people.other_admin.chat, `bks:stop:${id}`, GROUP);
  assert.equal(said, 'Весна won’t send you ads any more');
  await untilButtons(vestnik, GROUP, [`bks:again:${id}`]);
  assert.deepEqual([await optedOut(vestnik, id), await optedOut(vestnik, people.other_admin.id)], [true, false]);
});
