import { z } from 'zod';
import { BOOKING_STATUSES } from '../../domain/bookings.ts';
import { LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import type { Area } from './operation.ts';
import { id, instant, NOW } from './shapes.ts';

/** RFC 8291, section 5. */
const KEYS = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
};
const VAPID_KEY = 'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8';
const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/dGhlIGVuZHBvaW50';
const TOKEN = 'AQAAAAABAAAAAQAAAABqq9OAz0Zb3XN9l1pY6yK7m2QxGv8e';

const invited = z.strictObject({
  telegram_url: z.string().nullable().meta({ description: 'Null while the name of the bot is not known' }),
  subscribe_url: z.string(),
  expires_at: instant,
});
const invitation = z.strictObject({
  company_name: z.string(),
  user_id: id,
  user_name: z.string(),
  role: z.enum(RECIPIENT_ROLES),
  locale: z.enum(LOCALES),
  public_key: z.string(),
});
const subscription = z.strictObject({
  id,
  company_id: id,
  user_id: id,
  endpoint: z.string(),
  vapid_key: z.string(),
  created_at: instant,
  device_token: z.string().meta({ description: 'Renews the subscription for 400 days' }),
});
const page = z.strictObject({
  id,
  status: z.enum(BOOKING_STATUSES),
  version: id,
  starts_at: instant,
  ends_at: instant,
  duration_min: id,
  time_zone: z.string(),
  company_name: z.string(),
  service_name: z.string(),
  specialist_name: z.string(),
  location_name: z.string().nullable(),
  client: z
    .strictObject({ name: z.string(), phone: z.string().nullable() })
    .nullable()
    .meta({ description: 'Only for those who serve them' }),
  role: z.enum(RECIPIENT_ROLES),
  locale: z.enum(LOCALES),
  can_cancel: z.boolean(),
  is_confirmed: z.boolean().meta({ description: 'The client has said that they come' }),
  can_confirm: z.boolean().meta({ description: 'The client has been asked whether they come' }),
  ad_html: z.string().nullable().meta({ description: 'Sanitised' }),
  ad_legal: z.string().nullable(),
  calendar_url: z.string(),
});

const device = {
  ...{ id: 1, company_id: 1, user_id: 1, endpoint: ENDPOINT, vapid_key: VAPID_KEY },
  ...{ created_at: NOW, device_token: TOKEN },
};
const booking = {
  ...{ id: 1, status: 'created', version: 1, duration_min: 60, time_zone: 'Europe/Moscow' },
  ...{ starts_at: '2026-12-28T11:00:00.000Z', ends_at: '2026-12-28T12:00:00.000Z' },
  ...{ company_name: 'Салон', service_name: 'Стрижка', specialist_name: 'Анна', location_name: 'Центр' },
  ...{
    client: null,
    role: 'client',
    locale: 'ru',
    can_cancel: true,
    is_confirmed: false,
    can_confirm: false,
    ad_html: null,
    ad_legal: null,
  },
  calendar_url: `booking.ics?token=${TOKEN}`,
};

export const links: Area = {
  name: 'Links',
  description: 'What a person opens with the link that they were sent. Its token is a key to these routes alone.',
  schemas: { BookingPage: page, PushSubscription: subscription },
  operations: {
    'POST /v1/users/{id}/link': {
      operationId: 'createLink',
      summary: 'Make the links that tie a person to Telegram and Web Push',
      description: 'Good for seven days.',
      examples: { params: { id: 1 } },
      answers: {
        201: {
          description: 'The links, to be sent to the person',
          schema: invited,
          example: {
            telegram_url: `https://t.me/salon_bot?start=${TOKEN}`,
            subscribe_url: `https://salon.example/subscribe#${TOKEN}`,
            expires_at: '2026-11-30T10:00:00.000Z',
          },
        },
      },
      problems: ['user_erased'],
    },
    'GET /v1/push/public-key': {
      operationId: 'getPushPublicKey',
      summary: 'Get the VAPID key that browsers subscribe with',
      answers: {
        200: {
          description: 'The key',
          schema: z.strictObject({ public_key: z.string() }),
          example: { public_key: VAPID_KEY },
        },
      },
    },
    'GET /v1/push/invitation': {
      operationId: 'getPushInvitation',
      summary: 'See whom a link is for',
      answers: {
        200: {
          description: 'The person',
          schema: invitation,
          example: {
            ...{ company_name: 'Салон', user_id: 1, user_name: 'Иван Петров', role: 'client', locale: 'ru' },
            public_key: VAPID_KEY,
          },
        },
      },
    },
    'POST /v1/push-subscriptions': {
      operationId: 'subscribe',
      summary: 'Subscribe a browser',
      description: 'The body is what `PushSubscription.toJSON()` gives. Of more than twenty devices the oldest goes.',
      examples: { bodies: { chrome: { endpoint: ENDPOINT, expirationTime: null, keys: KEYS } } },
      answers: {
        200: { description: 'The user had it already', schema: subscription, example: device },
        201: { description: 'It is new for this user', schema: subscription, example: device },
      },
    },
    'DELETE /v1/push-subscriptions': {
      operationId: 'unsubscribe',
      summary: 'Unsubscribe a browser',
      description: 'The endpoint stands in the body or in the query. As often as you like.',
      examples: { bodies: { chrome: { endpoint: ENDPOINT } } },
      answers: { 204: { description: 'It gets nothing more' } },
    },
    'GET /v1/my/booking': {
      operationId: 'getMyBooking',
      summary: 'Get the booking of a link',
      answers: { 200: { description: 'Its facts, and its ad', schema: page, example: booking } },
      problems: ['not_found'],
    },
    'POST /v1/my/booking/cancel': {
      operationId: 'cancelMyBooking',
      summary: 'Cancel the booking of a link, as its person',
      answers: {
        200: {
          description: 'The booking as it is now',
          schema: page,
          example: { ...booking, status: 'cancelled', version: 2, can_cancel: false },
        },
      },
      problems: ['not_found', 'booking_closed'],
    },
    'POST /v1/my/booking/confirm': {
      operationId: 'confirmMyBooking',
      summary: 'Say that one comes to the booking of a link, as its client',
      description:
        '`starts_at` is the start that the page showed; 412 when it is another by now. As often as you like.',
      examples: { bodies: { shown: { starts_at: '2026-12-30T09:00:00.000Z' } } },
      answers: {
        200: { description: 'The booking as it is now', schema: page, example: { ...booking, is_confirmed: true } },
      },
      problems: ['not_found', 'forbidden', 'precondition_failed', 'booking_closed'],
    },
    'GET /booking.ics': {
      operationId: 'getCalendarFile',
      summary: 'Get the booking as a calendar file',
      description: 'By the `calendar_url` of the booking, good for an hour.',
      examples: { query: { token: TOKEN } },
      answers: { 200: { description: 'iCalendar (RFC 5545)', contentType: 'text/calendar; charset=utf-8' } },
      problems: ['unauthorized', 'not_found'],
    },
  },
};
