import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Sample, sampleHtml } from './booking-message.fixture.ts';

const html = (sample: Omit<Sample, 'type'>) => sampleHtml({ type: 'booking_rescheduled', ...sample });

describe('a booking handed to another specialist', () => {
  const was = { specialist_id: 9, starts_at: '2026-01-27T09:30:00Z' };

  test('is new to the one who has it now, at its time of now', () => {
    assert.equal(
      html({ audience: 'specialist', by: 'admin', was }),
      `🔄 Запись #123 передана вам

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00`,
    );
    assert.equal(
      html({ audience: 'specialist', by: 'admin', was, locale: 'en' }),
      `🔄 Booking #123 is now assigned to you

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00`,
    );
  });

  test('leaves the one who had it, with the time it had', () => {
    assert.equal(
      html({ audience: 'former_specialist', by: 'admin', was }),
      `🔄 Запись #123 передана другому специалисту

👤 Иван Петров
🕐 27.01.2026 12:30`,
    );
    assert.equal(
      html({ audience: 'former_specialist', by: 'admin', was, locale: 'en' }),
      `🔄 Booking #123 was reassigned to another specialist

👤 Иван Петров
🕐 27 Jan 2026, 12:30`,
    );
  });

  test('shows the admins the new specialist and both times', () => {
    assert.equal(
      html({ audience: 'admin', by: 'admin', was }),
      `🔄 Запись #123 перенесена администратором

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 27.01.2026 12:30 → 28.01.2026 14:00
👨‍💼 Анна (новый специалист)`,
    );
  });
});
