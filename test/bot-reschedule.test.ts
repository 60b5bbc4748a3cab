import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVenueTime } from '#src/messages/venue-time.ts';
import { eventually } from './support/eventually.ts';
import { phoneOf, pressAll } from './support/phone.ts';
import { openSalon, type Person } from './support/salon.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const DAY_MS = 86_400_000;
/** Noon in Moscow, so many days ahead: whatever day the tests run on, people are at work then. */
const noonIn = (days: number): string =>
  `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)}T09:00:00.000Z`;

/** From the message to the question; the day is the first free one, the time the first of that day. */
const TO_THE_QUESTION = ['bke:reschedule:', 'bkr:day:', 'bkr:time:'];

/** A booking of which everyone has heard. */
async function openBooked(vestnik: Vestnik, by: Person | null = null) {
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(by, { starts_at: noonIn(10) });
  await vestnik.settled();
  const booking = async () => (await vestnik.call('GET', `/v1/bookings/${id}`)).body;
  return { salon, id, booking };
}

test('client, specialist and admin move a booking from their message, and everyone else hears who did it', async (t) => {
  const vestnik = await startVestnik(t);
  const { salon, id, booking } = await openBooked(vestnik);
  const everyone = ['client', 'specialist', 'admin', 'other_admin'] as const;
  const table = [
    { mover: 'client', opening: 'bke:menu:', told: { specialist: `🔄 Запись #${id} перенесена клиентом` } },
    { mover: 'specialist', opening: 'bke:menu:', told: { admin: `🔄 Запись #${id} перенесена специалистом` } },
    { mover: 'admin', opening: 'bkn:edit:', told: { client: '🔄 Ваша запись перенесена' } },
  ] as const;
  for (const [index, { mover, opening, told }] of table.entries()) {
    const phone = phoneOf(vestnik, salon, mover);
    const others = everyone.filter((person) => person !== mover).map((person) => phoneOf(vestnik, salon, person));
    const counts = others.map((other) => other.texts().length);
    const [own, card] = [phone.texts().length, phone.newest()];
    assert.equal(await pressAll(phone, card, [opening, ...TO_THE_QUESTION]), '');
    assert.equal(await phone.press(card, 'bkr:confirm'), 'Запись перенесена');
    await vestnik.settled();
    const { version, starts_at } = await booking();
    assert.equal(version, index + 2);
    const time = formatVenueTime(new Date(starts_at), 'Europe/Moscow', 'ru');
    assert.deepEqual(
      others.map((other) => other.texts().length),
      counts.map((count) => count + 1),
    );
    for (const [person, header] of Object.entries(told))
      assert.equal(
        phoneOf(vestnik, salon, person as Person)
          .texts()
          .at(-1)
          ?.split('\n')[0],
        header,
      );
    assert.equal(phone.texts().length, own);
    await eventually(() => {
      assert.match(phone.text(card), new RegExp(`🕐 (.* → )?${time}\n`));
      assert.equal(phone.shows(card, 'bkr:'), false);
    });
  }
});

test('back and cancel leave every step, and the booking as it was', async (t) => {
  const vestnik = await startVestnik(t);
  const { salon, booking } = await openBooked(vestnik);
  const phone = phoneOf(vestnik, salon, 'admin');
  const card = phone.newest();
  const notification = { text: phone.text(card), labels: phone.labels(card) };
  for (let steps = 1; steps <= TO_THE_QUESTION.length; steps += 1) {
    await pressAll(phone, card, ['bkn:edit:', ...TO_THE_QUESTION.slice(0, steps), 'bkr:cancel']);
    await eventually(() => assert.deepEqual({ text: phone.text(card), labels: phone.labels(card) }, notification));
  }
  await pressAll(phone, card, ['bkn:edit:', ...TO_THE_QUESTION, 'bkr:back']);
  assert.match(phone.text(card), /Выберите время$/);
  await phone.press(card, 'bkr:back');
  await eventually(() => assert.match(phone.text(card), /Выберите день$/));
  await phone.press(card, 'bkr:back');
  await phone.press(card, 'bkn:back:');
  await eventually(() => assert.deepEqual({ text: phone.text(card), labels: phone.labels(card) }, notification));
  assert.equal((await booking()).version, 1);
});

test('a restart in any state loses nothing of the dialogue', async (t) => {
  const vestnik = await startVestnik(t);
  const { salon, booking } = await openBooked(vestnik);
  const phone = phoneOf(vestnik, salon, 'client');
  const card = phone.newest();
  for (const prefix of ['bke:menu:', ...TO_THE_QUESTION, 'bkr:confirm']) {
    await phone.press(card, prefix);
    await vestnik.restart();
  }
  assert.equal((await booking()).version, 2);
  await vestnik.settled();
  assert.equal(phone.shows(card, 'bkr:'), false);
});

test('of two people who choose one time, the second is offered the others', async (t) => {
  const vestnik = await startVestnik(t);
  const { salon, booking } = await openBooked(vestnik);
  const rival = await salon.book(null, { starts_at: noonIn(11), client_id: salon.people.other_specialist.id });
  await vestnik.settled();
  const phone = phoneOf(vestnik, salon, 'client');
  const rivals = phoneOf(vestnik, salon, 'other_specialist');
  const cards = [phone.newest(), rivals.newest()] as const;
  for (const [at, each] of [phone, rivals].entries())
    await pressAll(each, cards[at] ?? 0, ['bke:menu:', ...TO_THE_QUESTION]);
  const answers = await Promise.all([phone.press(cards[0], 'bkr:confirm'), rivals.press(cards[1], 'bkr:confirm')]);
  assert.deepEqual(answers.sort(), ['Запись перенесена', 'Это время уже занято. Выберите другое.']);
  const theirs = (await vestnik.call('GET', `/v1/bookings/${rival.id}`)).body;
  assert.equal((await booking()).version + theirs.version, 3);
  const [loser, card] = (await booking()).version === 1 ? ([phone, cards[0]] as const) : ([rivals, cards[1]] as const);
  await eventually(() => assert.match(loser.text(card), /Выберите время$/));
  assert.equal(await pressAll(loser, card, ['bkr:time:', 'bkr:confirm']), 'Запись перенесена');
});

test('a booking that is cancelled or moved meanwhile closes the dialogue, in every chat that has it open', async (t) => {
  const vestnik = await startVestnik(t);
  const { salon, id, booking } = await openBooked(vestnik);
  const phones = (['client', 'specialist'] as const).map((person) => phoneOf(vestnik, salon, person));
  const cards = phones.map((phone) => phone.newest());
  for (const [at, phone] of phones.entries()) await pressAll(phone, cards[at] ?? 0, ['bke:menu:', ...TO_THE_QUESTION]);
  await vestnik.call('PATCH', `/v1/bookings/${id}`, { starts_at: noonIn(12) });
  for (const [at, phone] of phones.entries())
    await eventually(() => {
      assert.equal(phone.shows(cards[at] ?? 0, 'bkr:'), false);
      assert.match(phone.text(cards[at] ?? 0), /🔄 Запись перенесена$/);
    });
  await vestnik.settled();
  const [client] = phones;
  assert.ok(client);
  await pressAll(client, cards[0] ?? 0, ['bke:menu:', ...TO_THE_QUESTION]);
  await vestnik.call('POST', `/v1/bookings/${id}/cancel`, {});
  await eventually(() => assert.match(client.text(cards[0] ?? 0), /❌/));
  assert.equal((await booking()).version, 3);
});
