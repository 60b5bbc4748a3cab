import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Initiator, Locale } from '../domain/events.ts';
import type { Audience } from '../domain/recipients.ts';
import { sampleHtml } from './booking-message.fixture.ts';

const html = (audience: Audience, by: Initiator['role'], locale: Locale) =>
  sampleHtml({ type: 'booking_cancelled', audience, by, locale });

const STAFF_HEADERS: Record<Initiator['role'], Record<Locale, string>> = {
  client: { ru: '❌ Запись #123 отменена клиентом', en: '❌ Booking #123 cancelled by the client' },
  admin: { ru: '❌ Запись #123 отменена администратором', en: '❌ Booking #123 cancelled by an administrator' },
  specialist: { ru: '❌ Запись #123 отменена специалистом', en: '❌ Booking #123 cancelled by the specialist' },
  system: { ru: '❌ Запись #123 отменена', en: '❌ Booking #123 cancelled' },
  cron: { ru: '❌ Запись #123 отменена', en: '❌ Booking #123 cancelled' },
};

describe('a cancelled booking, to the client', () => {
  for (const by of ['admin', 'specialist', 'system', 'cron'] as const) {
    test(`is told as theirs when cancelled by ${by}`, () => {
      assert.equal(
        html('client', by, 'ru'),
        `❌ Ваша запись отменена

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Будем рады видеть вас в другой раз.`,
      );
      assert.equal(
        html('client', by, 'en'),
        `❌ Your booking was cancelled

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

We’d be glad to see you another time.`,
      );
    });
  }

  test('is told as their own act when a client cancelled it', () => {
    assert.equal(
      html('client', 'client', 'ru'),
      `❌ Вы отменили запись

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Будем рады видеть вас в другой раз.`,
    );
    assert.equal(
      html('client', 'client', 'en'),
      `❌ You cancelled your booking

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

We’d be glad to see you another time.`,
    );
  });
});

for (const [by, headers] of Object.entries(STAFF_HEADERS) as [Initiator['role'], Record<Locale, string>][]) {
  describe(`a booking cancelled by ${by}`, () => {
    test('reaches the specialist', () => {
      assert.equal(
        html('specialist', by, 'ru'),
        `${headers.ru}

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00`,
      );
      assert.equal(
        html('specialist', by, 'en'),
        `${headers.en}

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00`,
      );
    });

    test('reaches the admins as a card', () => {
      assert.equal(
        html('admin', by, 'ru'),
        `${headers.ru}

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна`,
      );
      assert.equal(
        html('admin', by, 'en'),
        `${headers.en}

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна`,
      );
    });
  });
}
