import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { ShownMessage } from '#sandbox/telegram/chats.ts';
import type { RecipientRole } from '#src/domain/events.ts';
import { ask, recordEvents } from './support/bot-talk.ts';
import { answerTo, booked, chatOf, dataOf, lastLine, look, message, press, untilQuiet } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { openSalon, type Person, shown } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const GROUP = -77;
const NOT_FOUND = 'Запись не найдена';

interface Cancelling {
  by: Person;
  role: RecipientRole;
  /** The first lines of what the others are told. */
  news: Partial<Record<Person, string>>;
  /** The last lines of what everybody was shown before. */
  lines: Partial<Record<Person, string>>;
}

/** `#` stands for the booking's number. */
const TABLE: Cancelling[] = [
  {
    by: 'client',
    role: 'client',
    news: {
      specialist: '❌ Запись # отменена клиентом',
      admin: '❌ Запись # отменена клиентом',
      other_admin: '❌ Booking # cancelled by the client',
    },
    lines: {
      client: '❌ Вы отменили запись',
      specialist: '❌ Запись отменена клиентом',
      admin: '❌ Запись отменена клиентом',
      other_admin: '❌ Cancelled by the client',
    },
  },
  {
    by: 'specialist',
    role: 'specialist',
    news: {
      client: '❌ Ваша запись отменена',
      admin: '❌ Запись # отменена специалистом',
      other_admin: '❌ Booking # cancelled by the specialist',
    },
    lines: {
      client: '❌ Запись отменена',
      specialist: '❌ Запись отменена специалистом',
      admin: '❌ Запись отменена специалистом',
      other_admin: '❌ Cancelled by the specialist',
    },
  },
  {
    by: 'admin',
    role: 'admin',
    news: {
      client: '❌ Ваша запись отменена',
      specialist: '❌ Запись # отменена администратором',
      other_admin: '❌ Booking # cancelled by an administrator',
    },
    lines: {
      client: '❌ Запись отменена',
      specialist: '❌ Запись отменена администратором',
      admin: '❌ Запись отменена администратором',
      other_admin: '❌ Cancelled by an administrator',
    },
  },
];

const EVERYONE = ['client', 'specialist', 'admin', 'other_admin'] as const;

for (const { by, role, news, lines } of TABLE)
  test(`a cancellation by the ${by} is theirs, the others are told once, and every chat shows it`, async (t) => {
    const vestnik = await startVestnik(t);
    const salon = await openSalon(vestnik);
    const id = await booked(vestnik, salon, null);
    const events = await recordEvents(vestnik);
    const opening = role === 'admin' ? `bkn:edit:${id}` : `bke:menu:${id}:card`;
    assert.equal(await press(vestnik, salon, by, opening), '');
    assert.equal(await press(vestnik, salon, by, `bke:cancel:${id}:card`), '');
    assert.equal(await press(vestnik, salon, by, `bke:confirm_cancel:${id}:card`), 'Запись отменена');
    await vestnik.settled();
    const initiated_by = { user_id: salon.people[by].id, role, channel: 'tg_bot' };
    assert.deepEqual(
      (await events()).map((event) => [event.type, event.booking_id, event.initiated_by]),
      [['booking_cancelled', id, initiated_by]],
    );
    for (const person of EVERYONE) {
      const told = shown(vestnik, salon, person).slice(1);
      const header = news[person]?.replace('#', `#${id}`);
      assert.deepEqual(
        told.map((text) => text.split('\n')[0]),
        header === undefined ? [] : [header],
        person,
      );
      await eventually(() => assert.equal(lastLine(message(vestnik, salon, person)), lines[person]));
      const isAdmin = person === 'admin' || person === 'other_admin';
      assert.deepEqual(dataOf(message(vestnik, salon, person)), isAdmin ? [`bkn:hide:${id}`] : []);
    }
  });

/** A group that an admin has linked, with a booking it has heard of. */
async function openGroup(t: TestContext) {
  const vestnik = await startVestnik(t);
  const salon = await openSalon(vestnik);
  const { telegram } = vestnik;
  telegram.registerGroup({ id: GROUP, title: 'Смена' });
  assert.match(await ask(vestnik, chatOf(salon, 'admin'), '/link', GROUP), /^✅ Уведомления для администраторов/);
  const id = await booked(vestnik, salon, null);
  const ofBooking = () => telegram.messages(GROUP).filter((one) => one.outgoing && dataOf(one).length > 0);
  const card = ofBooking()[0] as ShownMessage;
  const now = () => telegram.messages(GROUP).find(({ message_id }) => message_id === card.message_id) as ShownMessage;
  const pressAs = (person: Person, data: string) =>
    answerTo(vestnik, telegram.pressButton(chatOf(salon, person), card.message_id, data, GROUP));
  return { vestnik, salon, id, now, pressAs };
}

describe('in a group of admins', () => {
  test('whoever confirms has cancelled; members who are no admins can do nothing', async (t) => {
    const { vestnik, salon, id, now, pressAs } = await openGroup(t);
    const events = await recordEvents(vestnik);
    const steps = [`bkn:edit:${id}`, `bke:cancel:${id}:card`, `bke:confirm_cancel:${id}:card`];
    const pressers = ['admin', 'admin', 'other_admin'] as const;
    for (const [n, data] of steps.entries()) {
      const before = look(now());
      for (const person of ['client', 'specialist', 'other_specialist'] as const)
        assert.equal(await pressAs(person, data), NOT_FOUND, `${person}: ${data}`);
      assert.deepEqual(look(now()), before);
      assert.equal(await pressAs(pressers[n] ?? 'admin', data), n === 2 ? 'The booking is cancelled' : '');
    }
    await vestnik.settled();
    const initiated_by = { user_id: salon.people.other_admin.id, role: 'admin', channel: 'tg_bot' };
    assert.deepEqual(
      (await events()).map((event) => [event.type, event.initiated_by]),
      [['booking_cancelled', initiated_by]],
    );
    assert.equal(lastLine(now()), '❌ Запись отменена администратором');
    assert.match(shown(vestnik, salon, 'specialist').at(-1) ?? '', /отменена администратором/);
    assert.deepEqual([shown(vestnik, salon, 'admin'), shown(vestnik, salon, 'other_admin')], [[], []]);
  });

  test('a dialogue that one began another ends, in their own name', async (t) => {
    const { vestnik, salon, id, now, pressAs } = await openGroup(t);
    const events = await recordEvents(vestnik);
    const first = (prefix: string) => dataOf(now()).find((data) => data.startsWith(prefix)) ?? '';
    await pressAs('admin', `bkn:edit:${id}`);
    await pressAs('admin', `bke:reschedule:${id}`);
    await pressAs('other_admin', first('bkr:day:'));
    assert.equal(await pressAs('client', first('bkr:time:')), NOT_FOUND);
    await pressAs('admin', first('bkr:time:'));
    assert.equal(await pressAs('other_admin', 'bkr:confirm'), 'The booking has been moved');
    await vestnik.settled();
    const { initiated_by } = (await events())[0] ?? {};
    assert.deepEqual(initiated_by, { user_id: salon.people.other_admin.id, role: 'admin', channel: 'tg_bot' });
    assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.version, 2);
  });

  test('what was shown is edited when the booking changes, and hidden by a button', async (t) => {
    const { vestnik, id, now, pressAs } = await openGroup(t);
    await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-01-29T09:00:00Z' });
    await vestnik.settled();
    await eventually(() => {
      assert.match(now().text, /^📅 Новая запись[\s\S]*\n🕐 29\.01\.2027 12:00\n[\s\S]*🔄 Запись перенесена$/);
      assert.deepEqual(dataOf(now()), [`bkn:edit:${id}`, `bkn:hide:${id}`]);
    });
    assert.equal(await pressAs('specialist', `bkn:hide:${id}`), NOT_FOUND);
    assert.equal(now().deleted, false);
    assert.equal(await pressAs('other_admin', `bkn:hide:${id}`), '');
    await untilQuiet(vestnik);
    assert.equal(now().deleted, true);
    assert.match(vestnik.telegram.messages(GROUP).at(-1)?.text ?? '', new RegExp(`^🔄 Запись #${id} перенесена`));
  });
});
