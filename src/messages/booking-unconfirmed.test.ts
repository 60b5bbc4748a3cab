import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleRequest } from './booking-message.fixture.ts';
import { renderBookingMessage } from './render-booking-message.ts';
import { renderBookingPush } from './render-booking-push.ts';

const ASKED = { kind: 'asked', start_version: 7 } as const;
const CONFIRMED = { kind: 'confirmed' } as const;

describe('the reminder that asks whether the client comes', () => {
  const reminder = { ...sampleRequest({ type: 'booking_reminder', audience: 'client' }), confirmation: ASKED };

  test('ends with the question, and has the button for it above the other', () => {
    const { html, keyboard } = renderBookingMessage(reminder);
    assert.match(html, /^⏰ Напоминаем о вашей записи\n\n[\s\S]+\n\nПожалуйста, подтвердите, что придёте\.$/);
    assert.deepEqual(keyboard, [
      [{ text: '✅ Подтверждаю', callback_data: 'bkc:confirm:123:7' }],
      [{ text: '✏️ Изменить', callback_data: 'bke:menu:123:card' }],
    ]);
    assert.equal(renderBookingMessage({ ...reminder, locale: 'en' }).keyboard[0]?.[0]?.text, '✅ I’ll be there');
  });

  test('asks in a browser too, after the facts', () => {
    assert.match(renderBookingPush(reminder).body, /^🕐 [\s\S]+\nПожалуйста, подтвердите, что придёте\.$/);
  });

  test('says instead that they have confirmed', () => {
    const { html, keyboard } = renderBookingMessage({ ...reminder, confirmation: CONFIRMED });
    assert.match(html, /\n\n✅ Вы подтвердили визит$/);
    assert.doesNotMatch(html, /подтвердите/);
    assert.deepEqual(keyboard.length, 1);
  });

  test('cannot be answered once the booking has begun', () => {
    assert.deepEqual(renderBookingMessage({ ...reminder, open: false }).keyboard, []);
  });
});

describe('the word that a client has not confirmed', () => {
  const unconfirmed = (audience: 'client' | 'specialist' | 'admin', locale: 'ru' | 'en' = 'ru', rest = {}) => ({
    ...sampleRequest({ type: 'booking_unconfirmed', audience, locale, ...rest }),
  });

  test('gives the admin a phone number, with their buttons', () => {
    assert.deepEqual(renderBookingMessage(unconfirmed('admin')), {
      html: [
        '📞 Позвоните клиенту: запись #123 не подтверждена',
        '',
        '👤 Иван Петров',
        '📞 +7 999 123-45-67',
        '📍 Центр',
        '💇 Стрижка · 60 мин',
        '🕐 28.01.2026 14:00',
        '👨‍💼 Анна',
      ].join('\n'),
      keyboard: [
        [
          { text: '✏️ Редактировать', callback_data: 'bkn:edit:123' },
          { text: '🙈 Скрыть', callback_data: 'bkn:hide:123' },
        ],
      ],
    });
    assert.match(renderBookingMessage(unconfirmed('admin', 'en')).html, /^📞 Please call the client: booking #123/);
  });

  test('escapes what people have written', () => {
    const booking = { client_name: '<b>Иван</b> & "Co"', client_phone: '<a href="x">1</a>' };
    const { html } = renderBookingMessage(unconfirmed('admin', 'ru', { booking }));
    assert.match(html, /👤 &lt;b&gt;Иван&lt;\/b&gt; &amp; /);
    assert.doesNotMatch(html, /<[ab]/);
  });

  test('gives the specialist neither the number nor the order to call', () => {
    const { html } = renderBookingMessage(unconfirmed('specialist'));
    assert.match(html, /^❓ Клиент не подтвердил запись #123\n/);
    assert.doesNotMatch(html, /999|Позвоните/);
  });

  test('asks the client in their browser', () => {
    const push = renderBookingPush({ ...unconfirmed('client'), confirmation: ASKED });
    assert.equal(push.title, '🔔 Вы ещё не подтвердили запись');
    assert.match(push.body, /\nПожалуйста, подтвердите, что придёте\.$/);
  });

  test('tells nobody to call who has confirmed', () => {
    const { html } = renderBookingMessage({ ...unconfirmed('admin'), confirmation: CONFIRMED });
    assert.match(html, /^📋 Запись #123\n[\s\S]+\n\n✅ Клиент подтвердил визит$/);
  });
});
