import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOOKING_EVENT_TYPES, LOCALES } from '../domain/events.ts';
import type { Audience } from '../domain/recipients.ts';
import { type Sample, sampleHtml, sampleRequest } from './booking-message.fixture.ts';
import { renderBookingPush } from './render-booking-push.ts';

const push = (sample: Sample) => renderBookingPush(sampleRequest(sample));
const AUDIENCES: Audience[] = ['client', 'specialist', 'admin'];

describe('a push of a booking', () => {
  test('gives the client the time first, and no greeting', () => {
    assert.deepEqual(push({ type: 'booking_created', audience: 'client', by: 'client' }), {
      title: '✅ Вы записаны!',
      body: '🕐 28.01.2026 14:00\n📍 Центр\n💇 Стрижка · 60 мин\n👨‍💼 Анна',
    });
    assert.deepEqual(push({ type: 'booking_reminder', audience: 'client', by: 'cron', locale: 'en' }), {
      title: '⏰ A reminder about your booking',
      body: '🕐 28 Jan 2026, 14:00\n📍 Центр\n💇 Стрижка · 60 min\n👨‍💼 Анна',
    });
  });

  test('says where a booking moved from', () => {
    const was = { starts_at: '2026-01-27T09:30:00.000Z' };
    const { title, body } = push({ type: 'booking_rescheduled', audience: 'client', by: 'admin', was });
    assert.equal(title, '🔄 Ваша запись перенесена');
    assert.match(body, /^🕐 27\.01\.2026 12:30 → 28\.01\.2026 14:00\n/);
  });

  test('gives an admin the card of the product', () => {
    assert.deepEqual(push({ type: 'booking_created', audience: 'admin' }), {
      title: '📅 Новая запись #123',
      body: '🕐 28.01.2026 14:00\n👤 Иван Петров\n📞 +7 999 123-45-67\n📍 Центр\n💇 Стрижка · 60 мин\n👨‍💼 Анна',
    });
  });

  test('says the same as the message in Telegram, to everyone and in both languages', () => {
    for (const type of BOOKING_EVENT_TYPES)
      for (const audience of AUDIENCES)
        for (const locale of LOCALES) {
          const { title, body } = push({ type, audience, locale });
          const html = sampleHtml({ type, audience, locale });
          for (const line of [title, ...body.split('\n')]) assert.equal(html.split('\n').includes(line), true, line);
        }
  });

  test('is plain text: what a user wrote stands as they wrote it, on one line', () => {
    const { body } = push({
      type: 'booking_created',
      audience: 'specialist',
      booking: { client_name: '<b>"A" & B</b>\n🕐 01.01.2030' },
    });
    assert.equal(body.split('\n')[1], '👤 <b>"A" & B</b> 🕐 01.01.2030');
  });
});
