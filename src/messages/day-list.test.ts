import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LOCALES } from '../domain/events.ts';
import { type DayList, renderDayList, renderDayPush } from './day-list.ts';
import { MESSAGE_MAX_LENGTH } from './limits.ts';
import { parseTelegramHtml } from './telegram-html.ts';

const NOW = new Date('2026-11-24T05:00:00Z');
const MOSCOW = 'Europe/Moscow';
const HAIRCUT = {
  ...{ id: 12, starts_at: new Date('2026-11-24T07:00:00Z'), duration_min: 60, time_zone: MOSCOW },
  ...{ client_name: 'Иван Петров', service_name: 'Стрижка', location_name: 'Центр' },
};
const COLOURING = { ...HAIRCUT, id: 7, starts_at: new Date('2026-11-24T09:30:00Z'), client_name: 'Мария' };

const listOf = (items: DayList['items'], change: Partial<DayList> = {}): DayList => ({
  ...{ locale: 'ru', now: NOW, time_zone: MOSCOW, company_name: null, hasSeveralLocations: false },
  ...{ items, total: items.length },
  ...change,
});

function shown(list: DayList): string {
  const parsed = parseTelegramHtml(renderDayList(list).html);
  assert.ok(parsed.ok);
  return parsed.text;
}

describe('the list of a day', () => {
  test('tells of each booking in its order what the card tells', () => {
    const { html, keyboard } = renderDayList(listOf([HAIRCUT, COLOURING]));
    const expected = [
      '🗓 Сегодня, 24.11.2026: 2 записи',
      '🕐 <b>10:00</b> · #12\n👤 Иван Петров\n💇 Стрижка · 60 мин',
      '🕐 <b>12:30</b> · #7\n👤 Мария\n💇 Стрижка · 60 мин',
    ];
    assert.deepEqual([html, keyboard], [expected.join('\n\n'), []]);
  });

  test('names the place where there are several, the company where the reader knows several, and the time of the place', () => {
    const far = { ...HAIRCUT, time_zone: 'Asia/Yekaterinburg', location_name: 'Екатеринбург' };
    const nowhere = { ...COLOURING, location_name: null };
    const list = listOf([far, nowhere], { hasSeveralLocations: true, company_name: 'Весна', locale: 'en' });
    const expected = [
      '🏢 Весна',
      '🗓 Today, 24 Nov 2026: 2 bookings',
      '🕐 12:00 · #12\n👤 Иван Петров\n💇 Стрижка · 60 min\n📍 Екатеринбург',
      '🕐 12:30 · #7\n👤 Мария\n💇 Стрижка · 60 min',
    ];
    assert.equal(shown(list), expected.join('\n\n'));
  });

  test('that is too long for a message ends with how many are left out', () => {
    const items = Array.from({ length: 150 }, (_, n) => ({ ...HAIRCUT, id: n + 1 }));
    for (const locale of LOCALES) {
      const text = shown(listOf(items, { locale, total: 171 }));
      assert.ok(text.length <= MESSAGE_MAX_LENGTH && text.length > MESSAGE_MAX_LENGTH - 100, String(text.length));
      const told = text.match(/🕐/g)?.length ?? 0;
      assert.match(text, locale === 'ru' ? new RegExp(`…и ещё ${171 - told} запис`) : / more bookings$/);
    }
  });

  test('is always what Telegram takes, and never more than is there', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('<b>', '</a>&lt;', '&amp;'.repeat(60), '👩‍👩‍👧‍👦'.repeat(40), '\u202Eabc\u2066', '\n\n#1\n', ''),
    );
    const item = fc.record({ client_name: text, service_name: text, location_name: fc.option(text), id: fc.nat() });
    const lists = fc.tuple(
      fc.array(item, { minLength: 1, maxLength: 40 }),
      fc.option(text),
      fc.constantFrom(...LOCALES),
    );
    fc.assert(
      fc.property(lists, ([items, company_name, locale]) => {
        const whole = items.map((one) => ({ ...HAIRCUT, ...one }));
        const list = listOf(whole, { company_name, locale, hasSeveralLocations: true });
        const parsed = parseTelegramHtml(renderDayList(list).html);
        assert.ok(parsed.ok);
        assert.ok(parsed.text.length <= MESSAGE_MAX_LENGTH);
        // What people wrote forges neither a line nor a format.
        const starts = parsed.text.split('\n').filter((line) => line.startsWith('🕐'));
        assert.equal(parsed.entities.filter(({ type }) => type === 'bold').length, starts.length);
        assert.ok(parsed.entities.every((entity) => entity.type === 'bold' && entity.length === 5));
        const push = renderDayPush(list);
        assert.equal(push.body.split('\n').length, items.length + (company_name ? 1 : 0));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a notification of the day', () => {
  const titleOf = (total: number, locale: DayList['locale']) =>
    renderDayPush(listOf([HAIRCUT], { total, locale })).title;
  for (const [total, title] of [
    [1, '🗓 Сегодня одна запись, в 10:00'],
    [2, '🗓 Сегодня 2 записи, первая в 10:00'],
    [5, '🗓 Сегодня 5 записей, первая в 10:00'],
    [11, '🗓 Сегодня 11 записей, первая в 10:00'],
    [21, '🗓 Сегодня 21 запись, первая в 10:00'],
  ] as const)
    test(`counts as Russian does: ${total}`, () => assert.equal(titleOf(total, 'ru'), title));

  test('counts as English does', () => {
    assert.equal(titleOf(1, 'en'), '🗓 One booking today, at 10:00');
    assert.equal(titleOf(21, 'en'), '🗓 21 bookings today, the first at 10:00');
  });

  test('has a line for each booking, as it is written', () => {
    const { body } = renderDayPush(listOf([{ ...HAIRCUT, client_name: '<i>&' }, COLOURING], { company_name: 'Весна' }));
    assert.equal(body, '🏢 Весна\n10:00 · <i>& · Стрижка\n12:30 · Мария · Стрижка');
  });
});
