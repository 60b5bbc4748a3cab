import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bookingBody } from '#test/support/api.ts';
import {
  CLIENT,
  MESSAGE,
  NOON,
  openDialogue,
  STARTS_AT,
  STRANGER,
  WEDNESDAY,
} from '#test/support/reschedule-dialogue.ts';

describe('a time that was offered', () => {
  test('is refused when someone has taken it since, and the others are shown anew', async (t) => {
    const { api, salon, press, start, shown, booking } = await openDialogue(t);
    await press(CLIENT, ...start, WEDNESDAY, NOON);
    await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: '2026-11-25T09:30:00Z' });
    assert.equal(await press(CLIENT, 'bkr:confirm'), 'Это время уже занято. Выберите другое.');
    assert.match(shown(CLIENT).text, /Выберите время$/);
    assert.deepEqual(shown(CLIENT).labels[1], '11:00 11:30 13:30 14:00');
    assert.equal((await booking()).version, 1);
    assert.equal(await press(CLIENT, 'bkr:time:2026-11-25T08:30Z', 'bkr:confirm'), 'Запись перенесена');
  });

  test('is refused when the specialist has taken the day off since', async (t) => {
    const { api, schedule, press, start, shown, booking } = await openDialogue(t);
    await press(CLIENT, ...start, WEDNESDAY, NOON);
    await api.ok('PUT', schedule, { weekly: { tuesday: { from: '09:00', to: '21:00' } } });
    assert.match(await press(CLIENT, 'bkr:confirm'), /свободного времени уже нет/);
    assert.match(shown(CLIENT).text, /Выберите день$/);
    assert.equal((await booking()).version, 1);
  });

  test('is refused once it has passed', async (t) => {
    const { bot, press, start, shown } = await openDialogue(t);
    bot.now = new Date('2026-11-24T09:25:00Z');
    await press(CLIENT, ...start, 'bkr:day:2026-11-24', 'bkr:time:2026-11-24T09:30Z');
    bot.now = new Date('2026-11-24T09:35:00Z');
    assert.equal(await press(CLIENT, 'bkr:confirm'), 'Это время уже занято. Выберите другое.');
    assert.match(shown(CLIENT).labels[0] ?? '', /^13:00/);
  });
});

describe('a dialogue about a booking that has changed meanwhile', () => {
  const changes: [string, (id: number) => [string, string, object?], RegExp][] = [
    ['moved', (id) => ['PATCH', `/v1/bookings/${id}`, { starts_at: '2026-11-26T09:00:00Z' }], /26.11.2026 12:00/],
    ['cancelled', (id) => ['POST', `/v1/bookings/${id}/cancel`], /❌ Запись отменена/],
  ];
  for (const [what, change, text] of changes)
    test(`is outdated when it was ${what}`, async (t) => {
      const { api, id, press, start, shown, booking } = await openDialogue(t);
      await press(CLIENT, ...start, WEDNESDAY, NOON);
      await api.ok(...change(id));
      assert.match(await press(CLIENT, 'bkr:confirm'), /устарели/);
      assert.match(shown(CLIENT).text, text);
      assert.equal((await booking()).version, 2);
    });

  test('is outdated when the booking has begun', async (t) => {
    const { bot, press, start, shown, booking } = await openDialogue(t);
    bot.now = new Date('2026-11-24T10:55:00Z');
    await press(CLIENT, ...start, WEDNESDAY, NOON);
    bot.now = new Date(STARTS_AT);
    assert.match(await press(CLIENT, 'bkr:confirm'), /устарели/);
    assert.deepEqual(shown(CLIENT).labels, []);
    assert.equal((await booking()).version, 1);
  });
});

describe('forged and stray buttons', () => {
  test('change nothing', async (t) => {
    const { press, start, shown, booking } = await openDialogue(t);
    await press(CLIENT, ...start);
    const days = shown(CLIENT);
    const forged = [
      'bkr:day:9999-99-99',
      'bkr:day:2026-11-22',
      'bkr:day:2027-03-01',
      'bkr:day:',
      'bkr:day',
      'bkr:',
      'bkr:x',
    ];
    for (const data of [...forged, NOON, 'bkr:confirm', 'bkr:time:2026-11-25T03:00Z', `bkr:day:${'9'.repeat(50)}`]) {
      assert.match(await press(CLIENT, data), /устарели/, data);
      assert.deepEqual(shown(CLIENT), days, data);
    }
    await press(CLIENT, WEDNESDAY);
    const closed = ['2026-11-25T03:00Z', '2026-11-25T09:10Z', '2026-11-25T17:30Z'];
    for (const time of closed) {
      assert.equal(await press(CLIENT, `bkr:time:${time}`), 'Это время уже занято. Выберите другое.', time);
      assert.match(shown(CLIENT).text, /Выберите время$/);
    }
    for (const time of ['2026-11-26T09:00Z', '2026-99-99T09:00Z', '12:00', '2026-11-25T09:00:00.000Z'])
      assert.match(await press(CLIENT, `bkr:time:${time}`), /устарели/, time);
    assert.equal((await booking()).version, 1);
  });

  test('answer a label without a word', async (t) => {
    const { bot, press, start } = await openDialogue(t);
    await press(CLIENT, ...start);
    const responses = await bot.press(CLIENT, CLIENT, MESSAGE, 'bkr:noop');
    assert.deepEqual(
      responses.map((response) => response.kind),
      ['answer'],
    );
  });

  test('find no dialogue where there is none', async (t) => {
    const { id, press, shown } = await openDialogue(t);
    assert.match(await press(CLIENT, WEDNESDAY), /кнопка устарела/);
    await press(CLIENT, `bke:menu:${id}:card`);
    assert.match(await press(CLIENT, WEDNESDAY), /устарели/);
    assert.deepEqual(shown(CLIENT).labels, ['✏️ Изменить']);
    for (const data of ['bke:reschedule:', 'bke:reschedule:x', 'bke:reschedule:999', 'bke:reschedule:1:2'])
      assert.equal(await press(CLIENT, data), 'Запись не найдена', data);
  });

  test('let nobody move what is not theirs', async (t) => {
    const { bot, start, id, press, booking } = await openDialogue(t);
    assert.equal(await press(STRANGER, `bke:reschedule:${id}`), 'Запись не найдена');
    await press(CLIENT, ...start, WEDNESDAY, NOON);
    for (const who of [STRANGER, 999]) {
      const responses = await bot.press(who, CLIENT, MESSAGE, 'bkr:confirm');
      assert.deepEqual(
        responses.map((response) => response.kind),
        ['answer'],
      );
      assert.match(await press(who, 'bkr:confirm'), /кнопка устарела/);
    }
    assert.equal((await booking()).version, 1);
  });
});
