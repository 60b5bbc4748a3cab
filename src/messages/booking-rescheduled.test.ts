import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BookingState, Initiator, Locale } from '../domain/events.ts';
import { type Sample, sampleHtml } from './booking-message.fixture.ts';

const html = (sample: Omit<Sample, 'type'>) => sampleHtml({ type: 'booking_rescheduled', ...sample });
const lines = (sample: Omit<Sample, 'type'>) => html(sample).split('\n');

const ANOTHER_TIME: Partial<BookingState> = { starts_at: '2026-01-27T09:30:00Z' };
const ANOTHER_SPECIALIST: Partial<BookingState> = { specialist_id: 9 };

type Headers = Record<Initiator['role'], Record<Locale, string>>;

const MOVED_FOR_STAFF: Headers = {
  client: { ru: '🔄 Запись #123 перенесена клиентом', en: '🔄 Booking #123 moved by the client' },
  admin: { ru: '🔄 Запись #123 перенесена администратором', en: '🔄 Booking #123 moved by an administrator' },
  specialist: { ru: '🔄 Запись #123 перенесена специалистом', en: '🔄 Booking #123 moved by the specialist' },
  system: { ru: '🔄 Запись #123 перенесена', en: '🔄 Booking #123 moved' },
  cron: { ru: '🔄 Запись #123 перенесена', en: '🔄 Booking #123 moved' },
};

const CHANGED_FOR_STAFF: Headers = {
  client: { ru: '🔄 Запись #123 изменена клиентом', en: '🔄 Booking #123 changed by the client' },
  admin: { ru: '🔄 Запись #123 изменена администратором', en: '🔄 Booking #123 changed by an administrator' },
  specialist: { ru: '🔄 Запись #123 изменена специалистом', en: '🔄 Booking #123 changed by the specialist' },
  system: { ru: '🔄 Запись #123 изменена', en: '🔄 Booking #123 changed' },
  cron: { ru: '🔄 Запись #123 изменена', en: '🔄 Booking #123 changed' },
};

const MOVED_BY_VENUE = { ru: '🔄 Ваша запись перенесена', en: '🔄 Your booking was moved' };
const MOVED_FOR_CLIENT: Headers = {
  client: { ru: '🔄 Вы перенесли запись', en: '🔄 You moved your booking' },
  admin: MOVED_BY_VENUE,
  specialist: MOVED_BY_VENUE,
  system: MOVED_BY_VENUE,
  cron: MOVED_BY_VENUE,
};

const CHANGED_BY_VENUE = { ru: '🔄 Ваша запись изменена', en: '🔄 Your booking was changed' };
const CHANGED_FOR_CLIENT: Headers = {
  client: { ru: '🔄 Вы изменили запись', en: '🔄 You changed your booking' },
  admin: CHANGED_BY_VENUE,
  specialist: CHANGED_BY_VENUE,
  system: CHANGED_BY_VENUE,
  cron: CHANGED_BY_VENUE,
};

const each = (headers: Headers) => Object.entries(headers) as [Initiator['role'], Record<Locale, string>][];

describe('a booking moved in time', () => {
  for (const [by, header] of each(MOVED_FOR_CLIENT)) {
    test(`shows the client both times when moved by ${by}`, () => {
      assert.equal(
        html({ audience: 'client', by, was: ANOTHER_TIME }),
        `${header.ru}

📍 Центр
💇 Стрижка · 60 мин
🕐 27.01.2026 12:30 → 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
      );
      assert.equal(
        html({ audience: 'client', by, was: ANOTHER_TIME, locale: 'en' }),
        `${header.en}

📍 Центр
💇 Стрижка · 60 min
🕐 27 Jan 2026, 12:30 → 28 Jan 2026, 14:00
👨‍💼 Анна

See you soon!`,
      );
    });
  }

  for (const [by, header] of each(MOVED_FOR_STAFF)) {
    test(`shows the specialist both times when moved by ${by}`, () => {
      assert.equal(
        html({ audience: 'specialist', by, was: ANOTHER_TIME }),
        `${header.ru}

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 мин
🕐 27.01.2026 12:30 → 28.01.2026 14:00`,
      );
      assert.equal(
        html({ audience: 'specialist', by, was: ANOTHER_TIME, locale: 'en' }),
        `${header.en}

👤 Иван Петров
📍 Центр
💇 Стрижка · 60 min
🕐 27 Jan 2026, 12:30 → 28 Jan 2026, 14:00`,
      );
    });

    test(`shows the admins both times when moved by ${by}`, () => {
      assert.equal(
        html({ audience: 'admin', by, was: ANOTHER_TIME }),
        `${header.ru}

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 мин
🕐 27.01.2026 12:30 → 28.01.2026 14:00
👨‍💼 Анна`,
      );
      assert.equal(
        html({ audience: 'admin', by, was: ANOTHER_TIME, locale: 'en' }),
        `${header.en}

👤 Иван Петров
📞 +7 999 123-45-67
📍 Центр
💇 Стрижка · 60 min
🕐 27 Jan 2026, 12:30 → 28 Jan 2026, 14:00
👨‍💼 Анна`,
      );
    });
  }
});

describe('a booking that keeps its time', () => {
  test('is called changed, not moved, whoever changed it', () => {
    for (const locale of ['ru', 'en'] as const) {
      for (const [by, header] of each(CHANGED_FOR_STAFF))
        assert.equal(lines({ audience: 'admin', by, locale, was: ANOTHER_SPECIALIST })[0], header[locale]);
      for (const [by, header] of each(CHANGED_FOR_CLIENT))
        assert.equal(lines({ audience: 'client', by, locale, was: ANOTHER_SPECIALIST })[0], header[locale]);
    }
  });

  test('tells the client of the new specialist', () => {
    assert.equal(
      html({ audience: 'client', by: 'admin', was: ANOTHER_SPECIALIST }),
      `🔄 Ваша запись изменена

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна (новый специалист)

Ждём вас!`,
    );
    assert.equal(lines({ audience: 'client', locale: 'en', was: ANOTHER_SPECIALIST })[5], '👨‍💼 Анна (new specialist)');
  });

  const marks: [string, Partial<BookingState>, number, string, string][] = [
    ['location', { location_id: 9 }, 4, '📍 Центр (новое место)', '📍 Центр (new location)'],
    ['service', { service_id: 9 }, 5, '💇 Стрижка · 60 мин (другая услуга)', '💇 Стрижка · 60 min (different service)'],
    ['duration', { duration_min: 45 }, 5, '💇 Стрижка · 45 → 60 мин', '💇 Стрижка · 45 → 60 min'],
    ['specialist', ANOTHER_SPECIALIST, 7, '👨‍💼 Анна (новый специалист)', '👨‍💼 Анна (new specialist)'],
  ];
  for (const [what, was, line, ru, en] of marks) {
    test(`marks the new ${what} on the admins’ card`, () => {
      assert.equal(lines({ audience: 'admin', was })[line], ru);
      assert.equal(lines({ audience: 'admin', was, locale: 'en' })[line], en);
    });
  }
});

test('what has changed back since, or changed again, is told as it stands now', () => {
  const was = { ...ANOTHER_TIME, location_id: 9, service_id: 9 };
  const back = lines({ audience: 'admin', was, booking: { location_id: 9, service_id: 9 } });
  assert.deepEqual(back.slice(4, 6), ['📍 Центр', '💇 Стрижка · 60 мин']);
  const again = lines({ audience: 'admin', was: ANOTHER_TIME, booking: { location_id: 8, service_id: 8 } });
  assert.deepEqual(again.slice(4, 6), ['📍 Центр (новое место)', '💇 Стрижка · 60 мин (другая услуга)']);
});

test('an event that does not say what changed states where the booking stands', () => {
  assert.equal(
    html({ audience: 'client', by: 'admin' }),
    `🔄 Ваша запись перенесена

📍 Центр
💇 Стрижка · 60 мин
🕐 28.01.2026 14:00
👨‍💼 Анна

Ждём вас!`,
  );
  assert.equal(lines({ audience: 'admin', by: 'client' })[0], '🔄 Запись #123 перенесена клиентом');
  assert.equal(lines({ audience: 'specialist', by: 'client' })[0], '🔄 Запись #123 перенесена клиентом');
});

test('moves that led back are told as a change, with the facts as they stand and no word of where it was', () => {
  const back: Omit<Sample, 'type' | 'audience'> = { by: 'admin', was: {}, merged: [3, 4] };
  const moved = html({ audience: 'client', by: 'admin' });
  assert.equal(html({ audience: 'client', ...back }), moved.replace('Ваша запись перенесена', 'Ваша запись изменена'));
  assert.equal(lines({ audience: 'specialist', ...back })[0], '🔄 Запись #123 изменена администратором');
  assert.match(html({ audience: 'client', was: ANOTHER_TIME, merged: [3, 4] }), /12:30 → 28\.01\.2026 14:00/);
});
