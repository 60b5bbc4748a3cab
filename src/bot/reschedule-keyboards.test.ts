import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bookingBody } from '#test/support/api.ts';
import { ADMIN, CLIENT, NOON, OTHER_ADMIN, openDialogue, WEDNESDAY } from '#test/support/reschedule-dialogue.ts';

describe('the keyboards of the dialogue', () => {
  test('show a month, then the free times, then the question', async (t) => {
    const { press, shown, start } = await openDialogue(t);
    await press(ADMIN, ...start);
    const month = shown(ADMIN);
    assert.match(month.text, /^🗓 Перенос записи #1\n\n👤 Иван Петров\n.*\n\nВыберите день$/s);
    assert.deepEqual(month.labels, [
      '· Ноябрь 2026 ›',
      'Пн Вт Ср Чт Пт Сб Вс',
      '23 24 25 26 27 28 29',
      '30 · · · · · ·',
      '⬅️ Назад ✖️ Не переносить',
    ]);
    await press(ADMIN, WEDNESDAY);
    const times = shown(ADMIN);
    assert.match(times.text, /\n\nСреда, 25 ноября. Выберите время$/);
    assert.deepEqual([times.labels.length, times.labels[0]], [7, '09:00 09:30 10:00 10:30']);
    assert.equal(times.labels.at(-2), '19:00 19:30 20:00');
    await press(ADMIN, NOON);
    const question = shown(ADMIN);
    assert.match(question.text, /🕐 24.11.2026 14:00 → 25.11.2026 12:00\n.*\n\n❓ Перенести запись\?$/s);
    assert.deepEqual(question.labels, ['✅ Да, перенести', '⬅️ Назад ✖️ Не переносить']);
    assert.deepEqual(question.data, ['bkr:confirm', 'bkr:back', 'bkr:cancel']);
  });

  test('speak English to those who do', async (t) => {
    const { press, shown, start } = await openDialogue(t);
    await press(OTHER_ADMIN, ...start);
    assert.match(shown(OTHER_ADMIN).text, /^🗓 Moving booking #1\n.*\n\nChoose a day$/s);
    const labels = ['· November 2026 ›', 'Mon Tue Wed Thu Fri Sat Sun'];
    assert.deepEqual(shown(OTHER_ADMIN).labels.slice(0, 2), labels);
    await press(OTHER_ADMIN, WEDNESDAY);
    assert.match(shown(OTHER_ADMIN).text, /\n\nWednesday, 25 November. Choose a time$/);
    assert.deepEqual(shown(OTHER_ADMIN).labels.at(-1), '⬅️ Back ✖️ Keep the time');
    assert.equal(await press(OTHER_ADMIN, NOON, 'bkr:confirm'), 'The booking has been moved');
  });

  test('offer only days and times at which the specialist is at work and free', async (t) => {
    const { api, salon, schedule, press, shown, start } = await openDialogue(t);
    const day = { from: '10:00', to: '14:00', breaks: [{ from: '12:00', to: '12:30' }] };
    await api.ok('PUT', schedule, { weekly: { tuesday: day, wednesday: day, friday: day }, days_off: ['2026-11-27'] });
    const busy = { ...bookingBody(salon), duration_min: 240, starts_at: '2026-11-25T07:00:00Z' };
    const { id } = await api.ok('POST', '/v1/bookings', busy);
    await press(CLIENT, ...start);
    assert.deepEqual(shown(CLIENT).labels.slice(2, 4), ['· 24 · · · · ·', '· · · · · · ·']);
    assert.match(await press(CLIENT, WEDNESDAY), /свободного времени уже нет/);
    assert.match(shown(CLIENT).text, /Выберите день$/);
    await api.ok('POST', `/v1/bookings/${id}/cancel`);
    await press(CLIENT, WEDNESDAY);
    assert.deepEqual(shown(CLIENT).labels.slice(0, 2), ['10:00 10:30 11:00 12:30', '13:00']);
    await api.ok('PUT', schedule, { weekly: {} });
    await press(CLIENT, 'bkr:back');
    assert.match(shown(CLIENT).text, /свободных дней нет/);
  });

  test('do not offer the time that the booking has, yet let it move into itself', async (t) => {
    const { press, shown, start } = await openDialogue(t);
    await press(CLIENT, ...start, 'bkr:day:2026-11-24');
    const times = shown(CLIENT).labels.join(' ');
    assert.doesNotMatch(times, /14:00/);
    assert.match(times, /13:30 14:30/);
    assert.equal(await press(CLIENT, 'bkr:time:2026-11-24T11:30Z', 'bkr:confirm'), 'Запись перенесена');
  });

  test('turn no further than three months, and pages of times', async (t) => {
    const { api, schedule, salon, press, shown, start } = await openDialogue(t);
    await api.ok('PATCH', `/v1/services/${salon.service_id}`, { duration_min: 30 });
    await api.ok('PUT', schedule, { weekly: { wednesday: { from: '00:00', to: '24:00' } } });
    await press(CLIENT, ...start, 'bkr:next', 'bkr:next', 'bkr:next', 'bkr:next');
    assert.equal(shown(CLIENT).labels[0], '‹ Февраль 2027 ·');
    await press(CLIENT, 'bkr:prev', 'bkr:prev', 'bkr:prev', 'bkr:prev', WEDNESDAY);
    assert.equal(shown(CLIENT).labels.at(-2), '· 1 из 2 ›');
    await press(CLIENT, 'bkr:next', 'bkr:next');
    assert.equal(shown(CLIENT).labels.at(-2), '‹ 2 из 2 ·');
    assert.equal(shown(CLIENT).labels[0], '12:00 12:30 13:00 13:30');
    assert.equal(shown(CLIENT).labels.at(-3), '22:00 22:30 23:00');
  });

  test('tell the two hours of an autumn night apart', async (t) => {
    const { api, bot, salon, id, schedule, press, shown, start } = await openDialogue(t);
    await api.ok('PATCH', `/v1/companies/${salon.company_id}`, { time_zone: 'Europe/Berlin' });
    await api.ok('PUT', schedule, { weekly: { sunday: { from: '01:30', to: '04:00' } } });
    bot.now = new Date('2027-10-20T09:00:00Z');
    await api.ok('PATCH', `/v1/bookings/${id}`, { starts_at: '2027-10-29T11:00:00Z' });
    await press(CLIENT, ...start, 'bkr:day:2027-10-31');
    assert.deepEqual(shown(CLIENT).labels.slice(0, 2), [
      '01:30 02:00 (UTC+2) 02:30 (UTC+2) 02:00 (UTC+1)',
      '02:30 (UTC+1) 03:00',
    ]);
    await press(CLIENT, 'bkr:time:2027-10-31T01:30Z', 'bkr:confirm');
    assert.equal((await api.ok('GET', `/v1/bookings/${id}`)).starts_at, '2027-10-31T01:30:00.000Z');
  });

  test('reach the month of a booking that is far away', async (t) => {
    const { api, id, press, shown, start } = await openDialogue(t);
    await api.ok('PATCH', `/v1/bookings/${id}`, { starts_at: '2028-05-15T09:00:00Z' });
    await press(CLIENT, ...start);
    assert.equal(shown(CLIENT).labels[0], '‹ Май 2028 ›');
    await press(CLIENT, 'bkr:next');
    assert.equal(shown(CLIENT).labels[0], '‹ Июнь 2028 ·');
  });
});
