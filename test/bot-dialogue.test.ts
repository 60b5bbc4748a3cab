import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { Card } from '#src/db/bot-entities.ts';
import { calls } from './support/bot.ts';
import { forge } from './support/chat-cards.ts';
import { eventually } from './support/eventually.ts';
import { phoneOf, pressAll } from './support/phone.ts';
import { openSalon, type Person } from './support/salon.ts';
import { startVestnik } from './support/vestnik.ts';

const NOW = new Date('2026-11-23T09:00:00Z');
const OUTDATED = 'Данные устарели. Показываю, как сейчас.';
const WEEK = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** The booking of Tuesday, 14:00 in Moscow, and the message about it. */
async function openBooked(t: TestContext, person: Person = 'client', change: Record<string, unknown> = {}) {
  const vestnik = await startVestnik(t, { clock: () => NOW });
  const salon = await openSalon(vestnik);
  const { id } = await salon.book(null, { starts_at: '2026-11-24T11:00:00Z', ...change });
  await vestnik.settled();
  const phone = phoneOf(vestnik, salon, person);
  const booking = async () => (await vestnik.call('GET', `/v1/bookings/${id}`)).body;
  return { vestnik, salon, id, phone, card: phone.newest(), booking };
}

test('the months are turned as far as they are open, and no further by a forged button', async (t) => {
  const { vestnik, salon, phone, card, booking } = await openBooked(t);
  await pressAll(phone, card, ['bke:menu:', 'bke:reschedule:']);
  const titles = [phone.labels(card)[0]];
  for (let n = 1; n <= 3; n += 1) {
    assert.equal(await phone.press(card, 'bkr:next'), '');
    titles.push(phone.labels(card)[0]);
  }
  assert.deepEqual(titles, ['· Ноябрь 2026 ›', '‹ Декабрь 2026 ›', '‹ Январь 2027 ›', '‹ Февраль 2027 ·']);
  assert.equal(await forge(vestnik, salon, 'client', 'bkr:next'), '');
  assert.equal(phone.labels(card)[0], '‹ Февраль 2027 ·');
  for (let n = 1; n <= 3; n += 1) assert.equal(await phone.press(card, 'bkr:prev'), '');
  assert.equal(await forge(vestnik, salon, 'client', 'bkr:prev'), '');
  assert.equal(phone.labels(card)[0], '· Ноябрь 2026 ›');
  assert.equal((await booking()).version, 1);
});

test('the times are turned page by page, all of them once', async (t) => {
  const { vestnik, salon, phone, card } = await openBooked(t);
  const weekly = Object.fromEntries(WEEK.map((day) => [day, { from: '08:00', to: '23:00' }]));
  const { status } = await vestnik.call('PUT', `/v1/users/${salon.people.specialist.id}/schedule`, { weekly });
  assert.equal(status, 200);
  await pressAll(phone, card, ['bke:menu:', 'bke:reschedule:', 'bkr:day:2026-11-25']);
  const times = () => phone.data(card).filter((data) => data.startsWith('bkr:time:'));
  const first = times();
  assert.equal(first.length, 24);
  assert.equal(await phone.press(card, 'bkr:next'), '');
  const second = times();
  assert.equal(second.length, 5);
  assert.equal(new Set([...first, ...second]).size, 29);
  assert.equal(await forge(vestnik, salon, 'client', 'bkr:next'), '');
  assert.deepEqual(times(), second);
  assert.equal(await phone.press(card, 'bkr:prev'), '');
  assert.deepEqual(times(), first);
});

test('a label and an empty day change nothing, and draw nothing', async (t) => {
  const { vestnik, phone, card } = await openBooked(t);
  await pressAll(phone, card, ['bke:menu:', 'bke:reschedule:']);
  const before = { text: phone.text(card), labels: phone.labels(card) };
  vestnik.telegram.clearRequests();
  assert.equal(await phone.press(card, 'bkr:noop'), '');
  assert.deepEqual({ text: phone.text(card), labels: phone.labels(card) }, before);
  assert.equal(calls(vestnik.telegram, 'editMessageText').length, 0);
});

test('the times are those of the location, whatever the clock of its company', async (t) => {
  const vestnik = await startVestnik(t, { clock: () => NOW });
  const salon = await openSalon(vestnik);
  await vestnik.call('PATCH', `/v1/locations/${salon.locationId}`, { time_zone: 'Asia/Vladivostok' });
  const { id } = await salon.book(null, { starts_at: '2026-11-24T04:00:00Z' });
  await vestnik.settled();
  const phone = phoneOf(vestnik, salon, 'client');
  const card = phone.newest();
  assert.match(phone.text(card), /🕐 24\.11\.2026 14:00/);
  await pressAll(phone, card, ['bke:menu:', 'bke:reschedule:', 'bkr:day:2026-11-25']);
  assert.equal(phone.labels(card)[0]?.startsWith('09:00 09:30'), true, phone.labels(card)[0]);
  assert.equal(phone.data(card)[0], 'bkr:time:2026-11-24T23:00Z');
  await phone.press(card, 'bkr:time:2026-11-24T23:00Z');
  assert.match(phone.text(card), /🕐 24\.11\.2026 14:00 → 25\.11\.2026 09:00/);
  assert.equal(await phone.press(card, 'bkr:confirm'), 'Запись перенесена');
  assert.equal((await vestnik.call('GET', `/v1/bookings/${id}`)).body.starts_at, '2026-11-24T23:00:00.000Z');
  assert.match(phone.text(card), /🕐 25\.11\.2026 09:00/);
});

describe('a dialogue that nobody goes on with', () => {
  const steps = ['bke:reschedule:', 'bkr:day:', 'bkr:time:'];
  for (const [n, state] of ['choosing a day', 'choosing a time', 'confirming'].entries())
    test(`is closed after its time while ${state}, and its buttons do nothing any more`, async (t) => {
      const { vestnik, salon, phone, card, booking } = await openBooked(t, 'admin');
      const notification = { text: phone.text(card), labels: phone.labels(card) };
      await pressAll(phone, card, ['bkn:edit:', ...steps.slice(0, n + 1)]);
      assert.equal(phone.shows(card, 'bkr:'), true);
      const isOpen = { view_expires_at: { $ne: null } };
      const expired = await vestnik.database.write((tx) => tx.nativeUpdate(Card, isOpen, { view_expires_at: NOW }));
      assert.equal(expired, 1);
      const pressed = forge(vestnik, salon, 'admin', 'bkr:confirm');
      assert.equal(await pressed, OUTDATED);
      await eventually(() => assert.deepEqual({ text: phone.text(card), labels: phone.labels(card) }, notification));
      assert.equal((await booking()).version, 1);
    });

  test('shows the booking again though nobody presses anything', async (t) => {
    const { vestnik, phone, card } = await openBooked(t);
    const notification = { text: phone.text(card), labels: phone.labels(card) };
    await pressAll(phone, card, ['bke:menu:', ...steps]);
    const isOpen = { view_expires_at: { $ne: null } };
    await vestnik.database.write((tx) => tx.nativeUpdate(Card, isOpen, { view_expires_at: NOW }));
    await eventually(() => assert.deepEqual({ text: phone.text(card), labels: phone.labels(card) }, notification));
  });
});
