import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { User } from '#src/db/entities.ts';
import { Delivery } from '#src/db/event-entities.ts';
import { findRows } from '#src/db/rows.ts';
import { ask, lastIn, pressLast, startText } from './support/bot-talk.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Salon, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const GROUP = -55;
const SUPERGROUP = -1_000_000_000_077;

const hour = (n: number) => ({ starts_at: new Date(Date.UTC(2027, 0, 28, n)).toISOString() });

/** Whom an event reached, and how it ended for the others. */
async function fates({ database }: Vestnik, bookingId: number): Promise<Record<number, string>> {
  const rows = await findRows(database.read(), Delivery, { booking_id: bookingId });
  return Object.fromEntries(rows.map(({ user_id, status, reason }) => [user_id, reason ?? status]));
}

describe('linking', () => {
  test('a link from the API ties the chat, and the next booking is told there', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik, { client: { tg_id: null } });
    const { id, chat } = salon.people.client;
    assert.match(
      await ask(vestnik, chat, await eventually(() => startText(vestnik, id))),
      /^✅ Здравствуйте, Иван Петров!/,
    );
    await salon.book('admin');
    await vestnik.settled();
    assert.match(shown(vestnik, salon, 'client').at(-1) ?? '', /^📅 Мы вас записали/);
  });

  test('/stop silences and /start brings back', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { id, chat } = salon.people.client;
    assert.match(await ask(vestnik, chat, '/stop'), /^🔕/);
    const silent = await salon.book('admin', hour(8));
    await vestnik.settled();
    assert.equal((await fates(vestnik, silent.id))[id], 'unreachable:stopped');
    assert.match(await ask(vestnik, chat, '/start'), /Уведомления включены/);
    const heard = await salon.book('admin', hour(10));
    await vestnik.settled();
    assert.equal((await fates(vestnik, heard.id))[id], 'delivered');
  });

  test('who blocks the bot is not written to, and is again after letting it back', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const { id, chat } = salon.people.client;
    const unreachable = async () => (await vestnik.call('GET', `/v1/users/${id}`)).body.telegram_unreachable;
    vestnik.telegram.block(chat);
    await eventually(async () => assert.equal(await unreachable(), 'blocked'));
    vestnik.telegram.unblock(chat);
    await eventually(async () => assert.equal(await unreachable(), null));
  });
});

test('an account of two companies reads in each message which one it is from', async (t) => {
  const vestnik = await startVestnik(t);
  const [one, other] = [await openSalon(vestnik), await openSalon(vestnik)];
  const chat = one.people.client.chat;
  const renamed = { name: '<b>Осень</b> & Co' };
  assert.equal((await vestnik.call('PATCH', `/v1/companies/${other.companyId}`, renamed)).status, 200);
  await ask(vestnik, chat, await eventually(() => startText(vestnik, other.people.client.id)));
  await Promise.all([one.book('admin'), other.book('admin')]);
  await vestnik.settled();
  const headers = shown(vestnik, one, 'client')
    .filter((text) => text.startsWith('🏢'))
    .toSorted();
  assert.deepEqual(
    headers.map((text) => text.split('\n').slice(0, 3)),
    [
      ['🏢 <b>Осень</b> & Co', '', '📅 Мы вас записали'],
      ['🏢 Весна', '', '📅 Мы вас записали'],
    ],
  );
  assert.match(shown(vestnik, one, 'specialist')[0] ?? '', /^📅 Новая запись/);
});

test('pages are shown and changed in place: settings, bookings, today', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { chat } = salon.people.client;
  for (let n = 1; n <= 6; n += 1) await salon.book('client', { ...hour(2 * n), notify: false });
  assert.match(await ask(vestnik, chat, '/bookings'), /^📋 6 ближайших записей[\s\S]*Страница 1 из 2$/);
  assert.equal(await pressLast(vestnik, chat, 'bkl:bookings:1'), '');
  await eventually(() => assert.match(lastIn(vestnik, chat)?.text ?? '', /Страница 2 из 2$/));
  assert.match(await ask(vestnik, chat, '/today'), /^Расписание на день/);
  await ask(vestnik, chat, '/settings');
  assert.equal(await pressLast(vestnik, chat, `bks:lang:${salon.people.client.id}:en`), 'Saved');
  await eventually(() => assert.match(lastIn(vestnik, chat)?.text ?? '', /^⚙️ Settings/));
  await salon.book('admin', hour(20));
  await vestnik.settled();
  assert.match(shown(vestnik, salon, 'client').at(-1) ?? '', /^📅 We’ve booked you in/);
});

test('commands are registered for private chats and groups, in both languages', async (t) => {
  const { telegram } = await startVestnik(t);
  await telegram.until(() => telegram.commands().length === 16);
  const menu = (scope: string, language_code?: string) =>
    telegram
      .commands({ scope: { type: scope }, ...(language_code && { language_code }) })
      .map(({ command, description }) => `${command}: ${description}`);
  assert.deepEqual(menu('all_private_chats'), [
    'bookings: Ближайшие записи',
    'today: Записи на сегодня',
    'settings: Язык, реклама и тихие часы',
    'stop_ads: Не присылать рекламу',
    'help: Что я умею',
    'stop: Отключить уведомления',
  ]);
  assert.deepEqual(menu('all_private_chats', 'en'), [
    'bookings: Upcoming bookings',
    'today: Today’s bookings',
    'settings: Language, ads and quiet hours',
    'stop_ads: No more ads',
    'help: What I can do',
    'stop: Turn notifications off',
  ]);
  assert.deepEqual(menu('all_group_chats'), [
    'link: Подключить группу к уведомлениям',
    'unlink: Отключить группу от уведомлений',
  ]);
  assert.deepEqual(menu('all_group_chats', 'en'), [
    'link: Connect this group to notifications',
    'unlink: Disconnect this group from notifications',
  ]);
});

describe('a group of admins', () => {
  async function linkGroup(vestnik: Vestnik): Promise<Salon> {
    const salon = await openSalon(vestnik);
    vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
    assert.match(await ask(vestnik, salon.people.admin.chat, '/link', GROUP), /^✅ Уведомления для администраторов/);
    return salon;
  }

  const groupUser = async (vestnik: Vestnik, { companyId }: Salon) =>
    (await vestnik.call('GET', `/v1/users?company_id=${companyId}&role=admin&limit=200`)).body.items.find(
      ({ tg_id }: { tg_id: number | null }) => tg_id !== null && tg_id < 0,
    );

  test('hears instead of its admins, until /unlink', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await linkGroup(vestnik);
    const [admin, other] = [salon.people.admin, salon.people.other_admin];
    const listed = await groupUser(vestnik, salon);
    assert.deepEqual([listed.name, listed.tg_id, listed.role], ['Смена', GROUP, 'admin']);
    assert.equal((await vestnik.call('PATCH', `/v1/users/${other.id}`, { tg_id: GROUP })).status, 422);
    const told = await salon.book('admin', hour(8));
    await vestnik.settled();
    assert.match(lastIn(vestnik, GROUP)?.text ?? '', new RegExp(`^📅 Новая запись #${told.id}\n\n👤 Иван Петров\n📞`));
    const fate = await fates(vestnik, told.id);
    assert.deepEqual([fate[listed.id], fate[admin.id], fate[other.id]], ['delivered', 'initiator', 'heard_in_group']);
    assert.deepEqual(shown(vestnik, salon, 'other_admin'), []);

    assert.match(await ask(vestnik, admin.chat, '/unlink', GROUP), /^✅ Группа отключена/);
    await salon.book('client', hour(10));
    await vestnik.settled();
    assert.match(shown(vestnik, salon, 'other_admin')[0] ?? '', /^📅 New booking #/);
    assert.match(lastIn(vestnik, GROUP)?.text ?? '', /^✅ Группа отключена/);
  });

  test('that throws the bot out gives the admins their messages back', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await linkGroup(vestnik);
    const { chat } = salon.people.admin;
    const state = async () => (await groupUser(vestnik, salon)).telegram_unreachable;
    vestnik.telegram.removeBot(chat, GROUP);
    await eventually(async () => assert.equal(await state(), 'blocked'));
    await salon.book('client', hour(8));
    await vestnik.settled();
    assert.match(shown(vestnik, salon, 'admin').at(-1) ?? '', /^📅 Новая запись/);
    vestnik.telegram.addBot(chat, GROUP);
    await eventually(async () => assert.equal(await state(), null));
    const before = shown(vestnik, salon, 'admin').length;
    await salon.book('client', hour(10));
    await vestnik.settled();
    assert.match(lastIn(vestnik, GROUP)?.text ?? '', /^📅 Новая запись/);
    assert.equal(shown(vestnik, salon, 'admin').length, before);
  });

  test('is followed when it becomes a supergroup', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await linkGroup(vestnik);
    vestnik.telegram.upgradeGroup(salon.people.admin.chat, GROUP, SUPERGROUP);
    await eventually(async () => assert.equal((await groupUser(vestnik, salon)).tg_id, SUPERGROUP));
    await salon.book('client');
    await vestnik.settled();
    assert.match(lastIn(vestnik, SUPERGROUP)?.text ?? '', /^📅 Новая запись/);
  });

  test('is followed in the same attempt when nobody has told of it yet', async (t) => {
    const vestnik = await startVestnik(t, { env: { ROLES: 'api,worker' } });
    const salon = await openSalon(vestnik);
    const { id: user_id } = salon.people.other_admin;
    vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
    await vestnik.database.write((tx) => tx.nativeUpdate(User, { id: user_id }, { tg_id: GROUP }));
    vestnik.telegram.upgradeGroup(salon.people.admin.chat, GROUP, SUPERGROUP);
    const { id } = await salon.book('client');
    await vestnik.settled();
    assert.match(lastIn(vestnik, SUPERGROUP)?.text ?? '', /^📅 New booking/);
    const [row] = await findRows(vestnik.database.read(), Delivery, { booking_id: id, user_id });
    assert.deepEqual([row?.status, row?.attempts, row?.chat_id], ['delivered', 1, SUPERGROUP]);
  });

  test('takes no orders from who is no admin, or hides who they are', async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    vestnik.telegram.registerGroup({ id: GROUP, title: 'Смена' });
    assert.match(await ask(vestnik, salon.people.client.chat, '/link', GROUP), /может только администратор компании/);
    vestnik.telegram.sendText(salon.people.admin.chat, '/link', { chatId: GROUP, anonymous: true });
    await eventually(() => assert.match(lastIn(vestnik, GROUP)?.text ?? '', /^Не могу понять, кто вы/));
    assert.equal(await groupUser(vestnik, salon), undefined);
  });
});
