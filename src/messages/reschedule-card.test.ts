import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingCard } from './booking-card.ts';
import { BOOKING } from './booking-message.fixture.ts';
import { renderDayChoice, renderMoveQuestion, renderTimeChoice } from './reschedule-card.ts';

const card: BookingCard = {
  told: null,
  audience: 'client',
  locale: 'ru',
  booking: BOOKING,
  state: { ...BOOKING, status: 'created', version: 1 },
  open: true,
  returnTo: 'card',
  lost: false,
};
const bounds = { time_zone: 'Europe/Moscow', today: '2026-01-20', lastMonth: '2026-04' };
const monthOf = (month: string, locale: BookingCard['locale'] = 'ru', days: string[] = []) =>
  renderDayChoice({ ...card, locale }, { month, bounds, freeDays: new Set(days) });

describe('the calendar', () => {
  test('has whole weeks from Monday on, whatever day a month begins with', () => {
    for (let month = 1; month <= 12; month += 1) {
      const name = `2027-${String(month).padStart(2, '0')}`;
      const { keyboard } = monthOf(name, 'en', [`${name}-01`]);
      const weeks = keyboard.slice(2, -1);
      for (const week of weeks) assert.equal(week.length, 7, name);
      const first = weeks[0]?.findIndex(({ text }) => text === '1') ?? -1;
      assert.equal((first + 1) % 7, new Date(`${name}-01`).getUTCDay(), name);
    }
  });

  test('leaves out the weeks that are over, but none of a month to come', () => {
    const weeksOf = (month: string, today: string) =>
      renderDayChoice(card, { month, bounds: { ...bounds, today }, freeDays: new Set([`${month}-31`]) }).keyboard.slice(
        2,
        -1,
      );
    for (const [today, weeks] of [
      ['2026-01-01', 5],
      ['2026-01-18', 3],
      ['2026-01-19', 2],
      ['2026-01-31', 1],
    ] as const) {
      const shown = weeksOf('2026-01', today);
      assert.equal(shown.length, weeks, today);
      assert.deepEqual(
        shown.at(-1)?.map(({ text }) => text),
        ['·', '·', '·', '·', '·', '31', '·'],
      );
    }
    assert.equal(weeksOf('2026-03', '2026-01-31').length, 6);
  });

  test('names months by themselves, as Russian does, with a capital letter', () => {
    const titles = ['2026-01', '2026-03', '2026-05'].map((month) => monthOf(month).keyboard[0]?.[1]?.text);
    assert.deepEqual(titles, ['Январь 2026', 'Март 2026', 'Май 2026']);
  });

  test('says so when no day is free', () => {
    assert.match(monthOf('2026-01').html, /В этом месяце свободных дней нет/);
    assert.match(monthOf('2026-01', 'en').html, /No days are free this month/);
    assert.match(monthOf('2026-01', 'ru', ['2026-01-30']).html, /Выберите день/);
  });
});

test('names the day in full where a time is chosen', () => {
  const given = { date: '2026-01-28', page: 0, time_zone: 'Europe/Moscow', times: [new Date('2026-01-28T11:00:00Z')] };
  assert.match(renderTimeChoice(card, given).html, /Среда, 28 января\. Выберите время/);
  assert.match(renderTimeChoice({ ...card, locale: 'en' }, given).html, /Wednesday, 28 January\. Choose a time/);
  assert.deepEqual(renderTimeChoice(card, given).keyboard[0], [
    { text: '14:00', callback_data: 'bkr:time:2026-01-28T11:00Z' },
  ]);
});

test('tells clients their own words, and everyone else the number', () => {
  const starts_at = new Date('2026-01-29T11:00:00Z');
  const htmlFor = (audience: BookingCard['audience']) => renderMoveQuestion({ ...card, audience }, { starts_at }).html;
  assert.match(htmlFor('client'), /^🗓 Перенос записи\n\n/);
  for (const audience of ['admin', 'specialist'] as const)
    assert.match(htmlFor(audience), /^🗓 Перенос записи #123\n\n/);
  assert.match(htmlFor('admin'), /🕐 28\.01\.2026 14:00 → 29\.01\.2026 14:00/);
});

test('escapes names, and puts the company above for those who hear of several', () => {
  const booking = { ...BOOKING, specialist_name: '<b>Анна & Ко', service_name: '<i>' };
  const { html } = renderMoveQuestion(
    { ...card, booking, company_name: 'A & B' },
    { starts_at: new Date('2026-01-29T11:00:00Z') },
  );
  assert.match(html, /^🏢 A &amp; B\n\n/);
  assert.match(html, /👨‍💼 &lt;b&gt;Анна &amp; Ко/);
});
