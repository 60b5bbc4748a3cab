import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOCALES, type Locale } from '../domain/events.ts';
import { type ListKind, renderBookingList } from './booking-list.ts';

/** The first line of a list of so many bookings. */
function headerOf(kind: ListKind, locale: Locale, total: number): string {
  const now = new Date('2026-11-23T09:00:00Z');
  const page = { kind, locale, items: [], page: 0, pages: 1, firstNumber: 1, total, isCut: false };
  return renderBookingList({ ...page, now, time_zone: 'Europe/Moscow' }).html;
}

describe('the header of a list counts as its language does', () => {
  const RUSSIAN: [number, string, string][] = [
    [1, 'ближайшая запись', 'запись'],
    [2, 'ближайшие записи', 'записи'],
    [5, 'ближайших записей', 'записей'],
    [11, 'ближайших записей', 'записей'],
    [21, 'ближайшая запись', 'запись'],
    [22, 'ближайшие записи', 'записи'],
    [101, 'ближайшая запись', 'запись'],
  ];
  for (const [total, bookings, today] of RUSSIAN)
    test(`in Russian: ${total}`, () => {
      assert.equal(headerOf('bookings', 'ru', total), `📋 ${total} ${bookings}`);
      assert.equal(headerOf('today', 'ru', total), `🗓 Сегодня, 23.11.2026: ${total} ${today}`);
    });

  for (const [total, noun] of [
    [1, 'booking'],
    [2, 'bookings'],
    [21, 'bookings'],
    [101, 'bookings'],
  ] as const)
    test(`in English: ${total}`, () => {
      assert.equal(headerOf('bookings', 'en', total), `📋 ${total} upcoming ${noun}`);
      assert.match(headerOf('today', 'en', total), new RegExp(`: ${total} ${noun}$`));
    });

  test('with words where there are none', () => {
    for (const locale of LOCALES)
      for (const kind of ['bookings', 'today'] as const)
        assert.doesNotMatch(headerOf(kind, locale, 0), /(?<![\d.])0(?![\d.])|undefined|\{\{/);
    assert.match(headerOf('bookings', 'ru', 0), /^📋 Предстоящих записей пока нет/);
    assert.match(headerOf('today', 'en', 0), /^🗓 No bookings today/);
  });
});
