import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_EVENT_TYPES, INITIATOR_ROLES, LOCALES, type RecipientRole } from '../domain/events.ts';
import { toldBy } from '../domain/told-event.ts';
import { type BookingCard, renderCard, renderCardMenu, renderConfirmCancel } from './booking-card.ts';
import { BOOKING, type Sample, sampleRequest } from './booking-message.fixture.ts';
import { renderBookingMessage } from './render-booking-message.ts';
import { parseTelegramHtml } from './telegram-html.ts';

const AUDIENCES: readonly RecipientRole[] = ['client', 'specialist', 'admin'];
const TELEGRAM_BYTES = 64;

/** A card that told the sample's event at version 2 of the booking. */
function card(sample: Sample, changes: Partial<BookingCard> = {}): BookingCard {
  const { event, open, ...request } = sampleRequest({ was: {}, ...sample });
  const { starts_at, specialist_id, service_id, location_id, duration_min } = request.booking;
  const schedule = { starts_at, specialist_id, service_id, location_id, duration_min };
  return {
    told: toldBy(event, 2),
    ...request,
    state: { ...schedule, status: 'created', version: 2 },
    open,
    returnTo: 'card',
    lost: false,
    ...changes,
  };
}

/** The booking an hour later, at version 3. */
function moved(sample: Sample, changes: Partial<BookingCard> = {}): BookingCard {
  const starts_at = new Date('2026-01-29T12:30:00Z');
  const asTold = card(sample);
  return card(sample, {
    booking: { ...BOOKING, starts_at },
    state: { ...asTold.state, starts_at, version: 3 },
    ...changes,
  });
}

const dataOf = (message: ReturnType<typeof renderCard>) =>
  message.keyboard.map((row) => row.map(({ callback_data }) => callback_data));

describe('a card of a booking that stands as told', () => {
  test('is the notification, with its ad and its buttons', () => {
    for (const type of BOOKING_EVENT_TYPES)
      for (const audience of AUDIENCES)
        for (const by of INITIATOR_ROLES)
          for (const locale of LOCALES) {
            const sample = { type, audience, by, locale, was: {}, ad_html: '<b>Скидка</b>' };
            assert.deepEqual(renderCard(card(sample)), renderBookingMessage(sampleRequest(sample)));
          }
  });

  test('is the notification again when the booking was moved away and back', () => {
    const sample = { type: 'booking_created', audience: 'client' } as const;
    const back = card(sample, { state: { ...card(sample).state, version: 4 } });
    assert.deepEqual(renderCard(back), renderCard(card(sample)));
  });

  test('names the company where its reader hears of several', () => {
    const sample = { type: 'booking_created', audience: 'client' } as const;
    const own = renderCard(card(sample, { company_name: 'Весна & Ко' })).html;
    assert.equal(own.endsWith(renderCard(card(sample)).html), true);
    assert.match(own, /Весна &amp; Ко/);
  });
});

describe('a card of a booking that has changed', () => {
  test('keeps its header, has the facts of now, and says what happened', () => {
    assert.equal(
      renderCard(moved({ type: 'booking_created', audience: 'admin' })).html,
      `📅 Новая запись #123

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 29.01.2026 15:30
👨‍💼 Анна

🔄 Запись перенесена`,
    );
    assert.equal(
      renderCard(moved({ type: 'booking_created', audience: 'client', by: 'client', locale: 'en' })).html,
      `✅ You’re booked!

📍 Центр
💇 Стрижка · 60 min
🕐 29 Jan 2026, 15:30
👨‍💼 Анна

🔄 The booking was moved`,
    );
  });

  test('calls a change of something else by its name', () => {
    const sample = { type: 'booking_created', audience: 'specialist' } as const;
    const longer = card(sample, {
      booking: { ...BOOKING, duration_min: 90 },
      state: { ...card(sample).state, duration_min: 90, version: 3 },
    });
    assert.match(renderCard(longer).html, /💇 Стрижка · 90 мин\n🕐 28\.01\.2026 14:00\n\n🔄 Запись изменена$/);
  });

  test('keeps the header of a move that was followed by another', () => {
    const was = { starts_at: '2026-01-27T09:30:00Z' };
    const html = renderCard(moved({ type: 'booking_rescheduled', audience: 'admin', by: 'client', was })).html;
    assert.match(html, /^🔄 Запись #123 перенесена клиентом\n/);
    assert.match(html, /\n🕐 29\.01\.2026 15:30\n/);
  });

  test('says who cancelled it, to the client as their own act', () => {
    const last = (audience: RecipientRole, by?: RecipientRole, locale: 'ru' | 'en' = 'ru') => {
      const sample = { type: 'booking_created', audience, locale } as const;
      const state = { ...card(sample).state, status: 'cancelled', version: 3 } as const;
      return renderCard(card(sample, { state, by, open: false }))
        .html.split('\n')
        .at(-1);
    };
    assert.equal(last('admin', 'client'), '❌ Запись отменена клиентом');
    assert.equal(last('specialist', 'admin'), '❌ Запись отменена администратором');
    assert.equal(last('admin'), '❌ Запись отменена');
    assert.equal(last('client', 'client'), '❌ Вы отменили запись');
    assert.equal(last('client', 'specialist'), '❌ Запись отменена');
    assert.equal(last('client', 'client', 'en'), '❌ You cancelled the booking');
  });

  test('says how the visit ended', () => {
    const last = (audience: RecipientRole, status: 'completed' | 'no_show') => {
      const sample = { type: 'booking_reminder', audience } as const;
      const state = { ...card(sample).state, status, version: 3 };
      return renderCard(card(sample, { state, open: false }))
        .html.split('\n')
        .at(-1);
    };
    assert.equal(last('client', 'completed'), '✅ Визит состоялся');
    assert.equal(last('admin', 'no_show'), '🚫 Клиент не пришёл');
    assert.equal(last('client', 'no_show'), '🚫 Визит не состоялся');
  });

  test('tells a specialist whom it has left nothing but that', () => {
    const lost = moved({ type: 'booking_created', audience: 'specialist' }, { lost: true });
    assert.deepEqual(renderCard(lost), {
      html: '🔄 Запись #123 передана другому специалисту\n\n👤 Иван Петров\n🕐 28.01.2026 14:00',
      keyboard: [],
    });
    assert.equal(renderCard({ ...lost, told: null }).html, '🔄 Запись #123 передана другому специалисту');
  });
});

describe('a card that its reader opened', () => {
  const opened = (audience: RecipientRole) =>
    card({ type: 'booking_created', audience }, { told: null, returnTo: 'bookings' });

  test('has a plain header', () => {
    assert.match(renderCard(opened('admin')).html, /^📋 Запись #123\n\n👤 Иван Петров\n/);
    assert.match(renderCard(opened('client')).html, /^📋 Ваша запись\n\n📍 Центр\n/);
  });

  test('leads back to its list, whatever has become of the booking', () => {
    assert.deepEqual(dataOf(renderCard(opened('admin'))), [['bke:menu:123:bookings'], ['bke:back:123:bookings']]);
    assert.deepEqual(dataOf(renderCard({ ...opened('client'), open: false })), [['bke:back:123:bookings']]);
  });
});

describe('the menu', () => {
  test('shows the same text, and leads back to where it was opened', () => {
    const admin = card({ type: 'booking_created', audience: 'admin' });
    assert.equal(renderCardMenu(admin).html, renderCard(admin).html);
    const data = (audience: RecipientRole, returnTo: BookingCard['returnTo']) =>
      dataOf(renderCardMenu(card({ type: 'booking_created', audience }, { returnTo })));
    assert.deepEqual(data('admin', 'card'), [['bke:reschedule:123'], ['bke:cancel:123:card'], ['bkn:back:123']]);
    assert.deepEqual(data('client', 'card'), [['bke:reschedule:123'], ['bke:cancel:123:card'], ['bke:back:123:card']]);
    assert.deepEqual(data('admin', 'today').at(-1), ['bke:back:123:today']);
  });
});

describe('the question before a cancellation', () => {
  test('names the time and the service', () => {
    const client = renderConfirmCancel(card({ type: 'booking_created', audience: 'client' }));
    assert.equal(client.html, '❓ Отменить запись?\n\n📍 Центр\n💇 Стрижка · 60 мин\n🕐 28.01.2026 14:00\n👨‍💼 Анна');
    assert.deepEqual(dataOf(client), [['bke:confirm_cancel:123:card'], ['bke:menu:123:card']]);
    const admin = renderConfirmCancel(card({ type: 'booking_created', audience: 'admin', locale: 'en' }));
    assert.match(admin.html, /^❓ Cancel booking #123\?\n\n👤 Иван Петров\n/);
  });
});

test('buttons fit Telegram’s 64 bytes for the largest ids, and names with markup stay text', () => {
  const hostile = {
    id: 2_147_483_647,
    client_name: '<b>x</b> & "',
    service_name: '</i>{{by}}',
    specialist_name: '<a href="x">',
  };
  for (const audience of AUDIENCES)
    for (const returnTo of ['card', 'bookings', 'today'] as const) {
      const given = card({ type: 'booking_created', audience, booking: hostile }, { returnTo });
      for (const render of [renderCard, renderCardMenu, renderConfirmCancel]) {
        const { html, keyboard } = render(given);
        const parsed = parseTelegramHtml(html);
        assert.equal(parsed.ok && parsed.entities.length, 0);
        for (const { callback_data } of keyboard.flat())
          assert.equal(Buffer.byteLength(callback_data) <= TELEGRAM_BYTES, true, callback_data);
      }
    }
});
