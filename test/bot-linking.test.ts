import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadLinkSecret } from '#src/links/link-secret.ts';
import { createLinkSigner, type LinkClaims } from '#src/links/link-signer.ts';
import { ask, lastIn, pressLast, startText } from './support/bot-talk.ts';
import { dataOf, untilQuiet } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const STRANGER = 900_001;
const GROUP = -78;
const DAY_MS = 86_400_000;

const tgIdOf = async (vestnik: Vestnik, userId: number) =>
  (await vestnik.call('GET', `/v1/users/${userId}`)).body.tg_id;

/** The link of a client who has no chat yet; the API gives it once it knows the bot's name. */
async function openInvited(vestnik: Vestnik): Promise<{ salon: Salon; text: string }> {
  const salon = await openSalon(vestnik, { client: { tg_id: null } });
  vestnik.telegram.registerUser({ id: STRANGER, first_name: 'Stranger' });
  return { salon, text: await eventually(() => startText(vestnik, salon.people.client.id)) };
}

describe('a link', () => {
  test('works once, for one account; the same one may open it again', async (t) => {
    const vestnik = await startVestnik(t);
    const { salon, text } = await openInvited(vestnik);
    const { id, chat } = salon.people.client;
    assert.match(await ask(vestnik, chat, text), /^✅ Здравствуйте, Иван Петров! Этот чат подключён/);
    assert.match(await ask(vestnik, chat, text), /^✅ Этот чат уже подключён/);
    assert.match(await ask(vestnik, STRANGER, text), /^Этой ссылкой уже воспользовались в другом аккаунте Telegram/);
    assert.equal(await tgIdOf(vestnik, id), chat);
  });

  test('that is too old is not followed', async (t) => {
    let late = 0;
    const vestnik = await startVestnik(t, { clock: () => new Date(Date.now() + late) });
    const { salon, text } = await openInvited(vestnik);
    late = 8 * DAY_MS;
    assert.match(await ask(vestnik, STRANGER, text), /^Срок действия этой ссылки истёк/);
    assert.equal(await tgIdOf(vestnik, salon.people.client.id), null);
  });

  test('of another installation, for another purpose or of nobody is refused, and nobody is tied', async (t) => {
    const vestnik = await startVestnik(t);
    const { salon, text } = await openInvited(vestnik);
    const [own, foreign] = [await loadLinkSecret(vestnik.dataDir), Buffer.alloc(32, 7)].map((secret) =>
      createLinkSigner({ secret }),
    );
    const [user_id, company_id] = [salon.people.client.id, salon.companyId];
    const claims: LinkClaims = { purpose: 'telegram_start', company_id, user_id, booking_id: null, event_type: null };
    const soon = new Date(Date.now() + DAY_MS);
    const start = (signer: typeof own, change: Partial<LinkClaims> = {}) =>
      `/start ${signer?.sign({ ...claims, ...change }, soon)}`;
    const broken = /^Эта ссылка не работает/;
    for (const refused of [start(foreign), start(own, { purpose: 'subscribe' }), text.slice(0, -1), '/start x'])
      assert.match(await ask(vestnik, STRANGER, refused), broken);
    const { companyId: other } = await openSalon(vestnik);
    for (const gone of [start(own, { company_id: other }), start(own, { user_id: 999_999 })])
      assert.match(await ask(vestnik, STRANGER, gone), /^Эта ссылка больше не действует/);
    assert.equal(await tgIdOf(vestnik, user_id), null);
    assert.match(await ask(vestnik, STRANGER, start(own)), /^✅ Здравствуйте/);
  });

  test('opened in a group is sent to the private chat', async (t) => {
    const vestnik = await startVestnik(t);
    const { salon, text } = await openInvited(vestnik);
    vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
    assert.match(await ask(vestnik, STRANGER, text, GROUP), /^Чтобы подключиться, откройте ссылку в личном чате/);
    assert.equal(await tgIdOf(vestnik, salon.people.client.id), null);
  });
});

describe('a chat that the bot does not know', () => {
  const hello = { ru: /^👋 Здравствуйте! Я присылаю уведомления/, en: /^👋 Hello! I send notifications/ };

  for (const language_code of ['ru', 'en'] as const)
    test(`is told who the bot is, whatever it writes (${language_code})`, async (t) => {
      const vestnik = await startVestnik(t);
      vestnik.telegram.registerUser({ id: STRANGER, first_name: 'Stranger', language_code });
      for (const text of ['/start', 'hi', '/help', '/bookings', '/today', '/settings', '/stop', '/nonsense'])
        assert.match(await ask(vestnik, STRANGER, text), hello[language_code], text);
    });
});

test('/help says what each role can do, in its language; other words are pointed there', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { client, specialist, admin, other_admin } = salon.people;
  assert.match(await ask(vestnik, client.chat, '/help'), /^Я присылаю уведомления о ваших записях\./);
  assert.match(await ask(vestnik, specialist.chat, '/help'), /^Я сообщаю о записях к вам\.[\s\S]*\/today/);
  assert.match(await ask(vestnik, admin.chat, '/help'), /^Я сообщаю обо всех записях компании\.[\s\S]*\/link/);
  assert.match(await ask(vestnik, other_admin.chat, '/help'), /^I tell you about all of the company’s bookings\./);
  assert.match(await ask(vestnik, client.chat, 'спасибо'), /^Я понимаю команды и кнопки/);
  vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
  assert.match(await ask(vestnik, admin.chat, '/help', GROUP), /^Сюда могут приходить уведомления/);
  for (const command of ['/bookings', '/today', '/settings', '/stop'])
    assert.equal(await ask(vestnik, admin.chat, command, GROUP), 'Эта команда работает в личном чате со мной.');
  assert.match(await ask(vestnik, admin.chat, '/link'), /^Эта команда работает в группе/);
});

test('an admin of two companies chooses which one a group hears of, and which one it leaves', async (t) => {
  const vestnik = await startVestnik(t);
  const one = await openSalon(vestnik);
  const { chat } = one.people.admin;
  const two = await openSalon(vestnik, { admin: { tg_id: chat } });
  await vestnik.call('PATCH', `/v1/companies/${two.companyId}`, { name: 'Осень' });
  vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
  const groupsOf = async ({ companyId }: Salon): Promise<number> => {
    const { items } = (await vestnik.call('GET', `/v1/users?company_id=${companyId}&role=admin&limit=200`)).body;
    return items.filter(({ tg_id }: { tg_id: number | null }) => tg_id === GROUP).length;
  };
  const heard = () => vestnik.telegram.messages(GROUP).filter(({ text }) => /Новая запись/.test(text)).length;

  assert.equal(await ask(vestnik, chat, '/link', GROUP), 'К какой компании подключить эту группу?');
  const choices = [one, two].map(({ companyId }) => `bkg:link:${companyId}`);
  const question = lastIn(vestnik, GROUP);
  assert.deepEqual(question && dataOf(question), choices);
  const { chat: stranger } = one.people.client;
  assert.equal(await pressLast(vestnik, stranger, choices[1] ?? '', GROUP), 'Это может только администратор компании');
  assert.equal(await pressLast(vestnik, chat, choices[1] ?? '', GROUP), '');
  assert.match(lastIn(vestnik, GROUP)?.text ?? '', /^✅ Уведомления для администраторов компании «Осень»/);
  assert.deepEqual([await groupsOf(one), await groupsOf(two)], [0, 1]);
  await Promise.all([one.book(null), two.book(null)]);
  await vestnik.settled();
  assert.equal(heard(), 1);

  await ask(vestnik, chat, '/link', GROUP);
  await pressLast(vestnik, chat, choices[0] ?? '', GROUP);
  assert.deepEqual([await groupsOf(one), await groupsOf(two)], [1, 1]);
  assert.equal(await ask(vestnik, chat, '/unlink', GROUP), 'От какой компании отключить эту группу?');
  await pressLast(vestnik, chat, `bkg:unlink:${two.companyId}`, GROUP);
  await untilQuiet(vestnik);
  assert.equal(lastIn(vestnik, GROUP)?.text, '✅ Группа отключена от компании «Осень».');
  assert.deepEqual([await groupsOf(one), await groupsOf(two)], [1, 0]);
});
