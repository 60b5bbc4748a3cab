import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ask, lastIn, pressLast } from './support/bot-talk.ts';
import { dataOf } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { advertise, openSalon, type Person, shown } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

/** Noon in Moscow. */
const NOW = new Date('2026-11-23T09:00:00Z');

/** Six bookings in the days to come, of which nobody was told; the last stands alone on the second page. */
async function openList(t: TestContext) {
  const vestnik = await startVestnik(t, { clock: () => NOW });
  const salon = await openSalon(vestnik);
  const ids: number[] = [];
  for (let day = 1; day <= 6; day += 1)
    ids.push((await salon.book(null, { starts_at: `2026-12-0${day}T11:00:00Z`, notify: false })).id);
  return { vestnik, salon, last: ids.at(-1) ?? 0 };
}

const page = (vestnik: Vestnik, chat: number) => {
  const message = lastIn(vestnik, chat);
  return { id: message?.message_id, text: message?.text ?? '', data: message ? dataOf(message) : [] };
};

describe('a booking opened from /bookings', () => {
  for (const person of ['client', 'specialist', 'admin'] as const)
    test(`leads the ${person} back to the page it was on`, async (t) => {
      const { vestnik, salon, last } = await openList(t);
      const { chat } = salon.people[person];
      assert.match(await ask(vestnik, chat, '/bookings'), /^📋 6 ближайших записей/);
      await pressLast(vestnik, chat, 'bkl:bookings:1');
      const list = page(vestnik, chat);
      assert.match(list.text, /\n6\. [\s\S]*Страница 2 из 2$/);
      await pressLast(vestnik, chat, `bke:menu:${last}:bookings`);
      const back = `bke:back:${last}:bookings`;
      assert.deepEqual(page(vestnik, chat).data, [`bke:reschedule:${last}`, `bke:cancel:${last}:bookings`, back]);
      await pressLast(vestnik, chat, `bke:cancel:${last}:bookings`);
      await pressLast(vestnik, chat, `bke:menu:${last}:bookings`);
      await pressLast(vestnik, chat, back);
      assert.deepEqual(page(vestnik, chat), list);
    });

  test('leads back to a list without it once it is cancelled', async (t) => {
    const { vestnik, salon, last } = await openList(t);
    const { chat } = salon.people.client;
    await ask(vestnik, chat, '/bookings');
    await pressLast(vestnik, chat, 'bkl:bookings:1');
    await pressLast(vestnik, chat, `bke:menu:${last}:bookings`);
    await pressLast(vestnik, chat, `bke:cancel:${last}:bookings`);
    assert.equal(await pressLast(vestnik, chat, `bke:confirm_cancel:${last}:bookings`), 'Запись отменена');
    assert.match(page(vestnik, chat).text, /^📋 Ваша запись[\s\S]*❌ Вы отменили запись$/);
    assert.deepEqual(page(vestnik, chat).data, [`bke:back:${last}:bookings`]);
    await pressLast(vestnik, chat, `bke:back:${last}:bookings`);
    assert.match(page(vestnik, chat).text, /^📋 5 ближайших записей/);
    assert.doesNotMatch(page(vestnik, chat).text, /Страница/);
  });

  test('leads back to the list at its new time once it is moved', async (t) => {
    const { vestnik, salon, last } = await openList(t);
    const { chat } = salon.people.specialist;
    await ask(vestnik, chat, '/bookings');
    await pressLast(vestnik, chat, 'bkl:bookings:1');
    await pressLast(vestnik, chat, `bke:menu:${last}:bookings`);
    await pressLast(vestnik, chat, `bke:reschedule:${last}`);
    await pressLast(vestnik, chat, 'bkr:prev');
    await pressLast(vestnik, chat, 'bkr:day:2026-11-24');
    await pressLast(vestnik, chat, 'bkr:time:2026-11-24T09:00Z');
    assert.equal(await pressLast(vestnik, chat, 'bkr:confirm'), 'Запись перенесена');
    await pressLast(vestnik, chat, `bke:back:${last}:bookings`);
    assert.match(
      page(vestnik, chat).text,
      /^📋 6 ближайших записей\n\n1\. 🕐 24\.11\.2026 12:00[\s\S]*Страница 1 из 2$/,
    );
  });
});

describe('/today', () => {
  for (const person of ['specialist', 'admin'] as const)
    test(`shows the day to the ${person}, with buttons for what is still to come`, async (t) => {
      const vestnik = await startVestnik(t, { clock: () => NOW });
      const salon = await openSalon(vestnik);
      const begun = await salon.book(null, { starts_at: '2026-11-23T08:30:00Z', notify: false });
      const later = await salon.book(null, { starts_at: '2026-11-23T15:00:00Z', notify: false });
      const theirs = { specialist_id: salon.people.other_specialist.id, client_id: salon.people.other_admin.id };
      const other = await salon.book(null, { ...theirs, starts_at: '2026-11-23T16:00:00Z', notify: false });
      await salon.book(null, { starts_at: '2026-11-24T08:30:00Z', notify: false });
      const { chat } = salon.people[person];
      const count = person === 'admin' ? '3 записи' : '2 записи';
      const text = await ask(vestnik, chat, '/today');
      assert.match(text, new RegExp(`^🗓 Сегодня, 23\\.11\\.2026: ${count}\n\n1\\. 🕐 11:30–12:30 · #${begun.id}\n`));
      const list = page(vestnik, chat);
      const ids = person === 'admin' ? [later.id, other.id] : [later.id];
      assert.deepEqual(
        list.data,
        ids.map((id) => `bke:menu:${id}:today`),
      );
      await pressLast(vestnik, chat, `bke:menu:${later.id}:today`);
      assert.match(page(vestnik, chat).text, new RegExp(`^📋 Запись #${later.id}\n`));
      await pressLast(vestnik, chat, `bke:back:${later.id}:today`);
      assert.deepEqual(page(vestnik, chat), list);
      await pressLast(vestnik, chat, `bke:menu:${later.id}:today`);
      await pressLast(vestnik, chat, `bke:cancel:${later.id}:today`);
      assert.equal(await pressLast(vestnik, chat, `bke:confirm_cancel:${later.id}:today`), 'Запись отменена');
      await pressLast(vestnik, chat, `bke:back:${later.id}:today`);
      assert.doesNotMatch(page(vestnik, chat).text, new RegExp(`#${later.id}\\b`));
    });
});

test('who turns ads off in /settings reads none in the next message, and again after turning them on', async (t) => {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  await advertise(vestnik, salon);
  const { id, chat } = salon.people.client;
  let day = 10;
  const newest = async (person: Person): Promise<string> => {
    day += 1;
    await salon.book(null, { starts_at: `2027-01-${day}T11:00:00Z` });
    await vestnik.settled();
    return shown(vestnik, salon, person).at(-1) ?? '';
  };
  assert.match(await newest('client'), /Скидка 20%/);
  assert.match(await ask(vestnik, chat, '/settings'), /📣 Реклама: включена$/m);
  assert.equal(await pressLast(vestnik, chat, `bks:ads:${id}:off`), 'Сохранено');
  await eventually(() => assert.match(page(vestnik, chat).text, /отключена$/m));
  const quiet = [`bks:quiet:${id}:ads`, `bks:quiet:${id}:own`];
  assert.deepEqual(page(vestnik, chat).data, [`bks:lang:${id}:en`, `bks:ads:${id}:on`, ...quiet]);
  assert.doesNotMatch(await newest('client'), /Скидка/);
  await ask(vestnik, chat, '/settings');
  assert.equal(await pressLast(vestnik, chat, `bks:ads:${id}:on`), 'Сохранено');
  assert.match(await newest('client'), /Скидка 20%/);
});
