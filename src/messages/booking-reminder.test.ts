import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INITIATOR_ROLES, type Locale } from '../domain/events.ts';
import type { Audience } from '../domain/recipients.ts';
import { sampleHtml } from './booking-message.fixture.ts';

/** The text is the same whoever started the reminder. */
function html(audience: Audience, locale: Locale): string {
  const texts = INITIATOR_ROLES.map((by) => sampleHtml({ type: 'booking_reminder', audience, by, locale }));
  assert.equal(new Set(texts).size, 1);
  return texts[0] ?? '';
}

describe('a reminder', () => {
  test('invites the client', () => {
    assert.equal(
      html('client', 'ru'),
      `⏰ Напоминаем о вашей записи

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
    );
    assert.equal(
      html('client', 'en'),
      `⏰ A reminder about your booking

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

See you soon!`,
    );
  });

  test('tells the specialist who comes', () => {
    assert.equal(
      html('specialist', 'ru'),
      `⏰ Напоминаем о записи #123

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00`,
    );
    assert.equal(
      html('specialist', 'en'),
      `⏰ Reminder: booking #123

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00`,
    );
  });

  test('is a card for the admins', () => {
    assert.equal(
      html('admin', 'ru'),
      `⏰ Напоминаем о записи #123

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна`,
    );
    assert.equal(
      html('admin', 'en'),
      `⏰ Reminder: booking #123

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна`,
    );
  });
});
