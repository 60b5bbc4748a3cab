import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INITIATOR_ROLES } from '../domain/events.ts';
import { type Sample, sampleHtml } from './booking-message.fixture.ts';

const html = (sample: Omit<Sample, 'type'>) => sampleHtml({ type: 'booking_created', ...sample });

describe('a new booking, to the client', () => {
  test('is confirmed when they booked it themselves', () => {
    assert.equal(
      html({ audience: 'client', by: 'client' }),
      `✅ Вы записаны!

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
    );
    assert.equal(
      html({ audience: 'client', by: 'client', locale: 'en' }),
      `✅ You’re booked!

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

See you soon!`,
    );
  });

  for (const by of ['admin', 'specialist'] as const) {
    test(`is told as made for them by the venue when the ${by} made it`, () => {
      assert.equal(
        html({ audience: 'client', by }),
        `📅 Мы вас записали

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
      );
      assert.equal(
        html({ audience: 'client', by, locale: 'en' }),
        `📅 We’ve booked you in

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

See you soon!`,
      );
    });
  }

  for (const by of ['system', 'cron'] as const) {
    test(`is told without saying who made it when that was ${by}`, () => {
      assert.equal(
        html({ audience: 'client', by }),
        `📅 У вас новая запись

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
      );
      assert.equal(
        html({ audience: 'client', by, locale: 'en' }),
        `📅 You have a new booking

📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна

See you soon!`,
      );
    });
  }
});

describe('a new booking, whoever made it', () => {
  test('reaches the specialist with the client’s name and without their phone', () => {
    for (const by of INITIATOR_ROLES) {
      assert.equal(
        html({ audience: 'specialist', by }),
        `📅 Новая запись #123

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00`,
      );
      assert.equal(
        html({ audience: 'specialist', by, locale: 'en' }),
        `📅 New booking #123

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00`,
      );
    }
  });

  test('reaches the admins as the product’s card', () => {
    for (const by of INITIATOR_ROLES) {
      assert.equal(
        html({ audience: 'admin', by }),
        `📅 Новая запись #123

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна`,
      );
      assert.equal(
        html({ audience: 'admin', by, locale: 'en' }),
        `📅 New booking #123

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 min
🕐 28 Jan 2026, 14:00
👨‍💼 Анна`,
      );
    }
  });

  test('has no line for a phone or a location that is not known', () => {
    for (const unknown of [null, ''])
      assert.equal(
        html({ audience: 'admin', booking: { client_phone: unknown, location_name: unknown } }),
        `📅 Новая запись #123

👤 Иван Петров
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна`,
      );
  });
});
