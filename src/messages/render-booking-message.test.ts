import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BOOKING_EVENT_TYPES, INITIATOR_ROLES, LOCALES } from '../domain/events.ts';
import type { Audience } from '../domain/recipients.ts';
import { BOOKING, sampleHtml, sampleRequest } from './booking-message.fixture.ts';
import { markedAd } from './legal-line.ts';
import { AD_MAX_LENGTH, MESSAGE_MAX_LENGTH } from './limits.ts';
import type { BookingFacts } from './message.ts';
import { renderBookingMessage } from './render-booking-message.ts';
import { parseTelegramHtml } from './telegram-html.ts';
import { TELEGRAM_TEXTS } from './texts.ts';

const AUDIENCES: readonly Audience[] = ['client', 'specialist', 'former_specialist', 'admin'];
const ADMIN_CARD_LINES = 8;

/** What the recipient reads; fails on anything Telegram would refuse. */
function shownText(html: string): string {
  const parsed = parseTelegramHtml(html);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.text;
}

function adminText(booking: Partial<BookingFacts>): string {
  return shownText(sampleHtml({ type: 'booking_created', audience: 'admin', booking }));
}

test('who hears of several companies is told first which one it is', () => {
  for (const audience of AUDIENCES) {
    const request = { ...sampleRequest({ type: 'booking_rescheduled', audience, was: {} }), company_name: '<b>A&B' };
    assert.match(shownText(renderBookingMessage(request).html), /^🏢 <b>A&B\n\n🔄/);
  }
  assert.match(sampleHtml({ type: 'booking_created', audience: 'admin' }), /^📅/);
});

describe('buttons', () => {
  const keyboard = (audience: Audience, locale: 'ru' | 'en' = 'ru', open = true) =>
    BOOKING_EVENT_TYPES.filter((type) => type !== 'booking_cancelled').map(
      (type) => renderBookingMessage({ ...sampleRequest({ type, audience, locale, was: {} }), open }).keyboard,
    );

  test('are two in one row on every admin card', () => {
    for (const rows of keyboard('admin'))
      assert.deepEqual(rows, [
        [
          { text: '✏️ Редактировать', callback_data: 'bkn:edit:123' },
          { text: '🙈 Скрыть', callback_data: 'bkn:hide:123' },
        ],
      ]);
    for (const rows of keyboard('admin', 'en'))
      assert.deepEqual(
        rows[0]?.map(({ text }) => text),
        ['✏️ Edit', '🙈 Hide'],
      );
  });

  test('open the menu for the client and the specialist', () => {
    for (const audience of ['client', 'specialist'] as const) {
      for (const rows of keyboard(audience))
        assert.deepEqual(rows, [[{ text: '✏️ Изменить', callback_data: 'bke:menu:123:card' }]]);
      assert.equal(keyboard(audience, 'en')[0]?.[0]?.[0]?.text, '✏️ Edit');
    }
  });

  test('are not for whom the booking has left', () => {
    assert.deepEqual(keyboard('former_specialist'), [[], [], [], []]);
  });

  test('change nothing once the booking is over: an admin may hide it, others have none', () => {
    const hide = [[{ text: '🙈 Скрыть', callback_data: 'bkn:hide:123' }]];
    assert.deepEqual(keyboard('admin', 'ru', false), [hide, hide, hide, hide]);
    for (const audience of ['client', 'specialist'] as const)
      assert.deepEqual(keyboard(audience, 'ru', false), [[], [], [], []]);
    const cancelled = (audience: Audience) =>
      renderBookingMessage(sampleRequest({ type: 'booking_cancelled', audience })).keyboard;
    assert.deepEqual(AUDIENCES.map(cancelled), [[], [], [], hide]);
  });
});

describe('an ad', () => {
  const reminder = { type: 'booking_reminder', audience: 'client' } as const;

  test('follows the message after a blank line, as it is', () => {
    const html = sampleHtml({ ...reminder, ad_html: '<b>Скидка 20%</b> на <a href="https://example.com">маникюр</a>' });
    assert.ok(html.endsWith('\n\nЖдём вас!\n\n<b>Скидка 20%</b> на <a href="https://example.com">маникюр</a>'));
    assert.ok(shownText(html).endsWith('Ждём вас!\n\nСкидка 20% на маникюр'));
  });

  test('leaves no trace where there is none', () => {
    assert.equal(sampleHtml({ ...reminder, ad_html: '' }), sampleHtml(reminder));
    assert.ok(sampleHtml(reminder).endsWith('Ждём вас!'));
  });

  describe('below the longest booking message', () => {
    const long = 'ש'.repeat(5000);
    const booking = {
      id: Number.MAX_SAFE_INTEGER,
      client_name: long,
      client_phone: long,
      location_name: long,
      service_name: long,
      specialist_name: long,
    };
    const was = { starts_at: '2026-01-27T09:30:00Z', specialist_id: 9, location_id: 9, service_id: 9 };
    const ad = 'я'.repeat(AD_MAX_LENGTH);
    const samples = AUDIENCES.map(
      (audience) => ({ type: 'booking_rescheduled', audience, by: 'admin', booking, was }) as const,
    );

    test('fits at its full length', () => {
      for (const sample of samples) {
        const html = sampleHtml({ ...sample, ad_html: ad });
        assert.ok(shownText(html).length <= MESSAGE_MAX_LENGTH, `${sample.audience}: ${shownText(html).length}`);
        assert.ok(html.endsWith(ad), sample.audience);
      }
    });

    test('is left out where a legal line and the company’s name leave it no room', () => {
      const legal = { ad_advertiser: long.slice(0, 128), ad_marking_token: long.slice(0, 64) };
      const ad_html = markedAd(ad, legal, TELEGRAM_TEXTS.ru);
      for (const sample of samples) {
        const { html } = renderBookingMessage({ ...sampleRequest({ ...sample, ad_html }), company_name: long });
        const without = renderBookingMessage({ ...sampleRequest(sample), company_name: long }).html;
        assert.ok(shownText(html).length <= MESSAGE_MAX_LENGTH, `${sample.audience}: ${shownText(html).length}`);
        assert.equal(
          html === without,
          shownText(`${without}\n\n${ad_html}`).length > MESSAGE_MAX_LENGTH,
          sample.audience,
        );
      }
    });
  });
});

describe('hostile data', () => {
  test('shows markup as the text it is', () => {
    const name = '<b>Иван</b> & "Co" &lt; <a href="tg://user?id=1">x';
    const parsed = parseTelegramHtml(
      sampleHtml({ type: 'booking_created', audience: 'admin', booking: { client_name: name } }),
    );
    assert.ok(parsed.ok);
    assert.equal(parsed.text.split('\n')[2], `👤 ${name}`);
    assert.deepEqual(parsed.entities, []);
  });

  test('cannot forge a line of the card', () => {
    const text = adminText({ client_name: 'Иван\n📞 +7 000 000-00-00\n\n📅 Новая запись #999' });
    assert.equal(text.split('\n').length, ADMIN_CARD_LINES);
    assert.equal(text.split('\n')[2], '👤 Иван 📞 +7 000 000-00-00 📅 Новая запись #999');
  });

  test('of 5,000 characters is cut with an ellipsis', () => {
    const line = adminText({ service_name: 'я'.repeat(5000) }).split('\n')[5] ?? '';
    assert.match(line, /^💇 я{100,}… · 60 мин$/);
  });

  test('that runs right to left leaves the rest of its line in place', () => {
    assert.equal(adminText({ service_name: 'تسريحة' }).split('\n')[5], '💇 \u2068تسريحة\u2069 · 60 мин');
    assert.equal(adminText({ service_name: '\u202Eажиртс' }).split('\n')[5], '💇 ажиртс · 60 мин');
  });
});

test('any booking becomes a message that Telegram accepts, one line a fact', () => {
  const wild = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom('<', '>', '&', '"', 'b', '/', '{{', '}}', '$t(', '\n', '\uD83D', '\u202E', 'ا'),
    }),
  );
  const sample = fc.record({
    type: fc.constantFrom(...BOOKING_EVENT_TYPES),
    audience: fc.constantFrom(...AUDIENCES),
    by: fc.constantFrom(...INITIATOR_ROLES),
    locale: fc.constantFrom(...LOCALES),
    was: fc.constantFrom({}, { starts_at: '2026-01-27T09:30:00Z' }, { specialist_id: 9 }),
    booking: fc.record({ client_name: wild, client_phone: wild, service_name: wild, specialist_name: wild }),
  });
  fc.assert(
    fc.property(sample, (given) => {
      const text = shownText(sampleHtml(given));
      assert.ok(text.length <= MESSAGE_MAX_LENGTH - AD_MAX_LENGTH);
      if (given.audience !== 'client') assert.ok(text.includes(`#${BOOKING.id}`));
      const ordinary = shownText(
        sampleHtml({ ...given, booking: { client_phone: given.booking.client_phone && '1' } }),
      );
      assert.equal(text.split('\n').length, ordinary.split('\n').length);
    }),
  );
});
