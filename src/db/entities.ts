import { defineEntity } from '@mikro-orm/core';
import { DEFAULT_QUIET_HOURS, encodeQuietHours } from '../domain/quiet-hours.ts';
import { ApiKey } from './api-key-entity.ts';
import { BotUpdate, Card, UsedLink } from './bot-entities.ts';
import { Broadcast, BroadcastChunk } from './broadcast-entities.ts';
import { Delivery, IdempotencyKey, OutboxRow } from './event-entities.ts';
import type { Row } from './rows.ts';
import { WebhookEndpoint, WebhookMessage } from './webhook-entities.ts';

/**
 * Rows are spelled as their columns and as the JSON of the API: snake_case, plain integer keys.
 * No relations are mapped: every query says what it reads, and a row can cross any boundary as it is.
 */

export const Company = defineEntity({
  name: 'Company',
  tableName: 'companies',
  properties: (p) => ({
    id: p.integer().primary(),
    name: p.text(),
    /** IANA name, e.g. `Europe/Moscow`. */
    time_zone: p.text(),
    /** Who advertises, as the law wants it said under every ad; null for nothing. */
    ad_advertiser: p.text().nullable(),
    /** The token under which the ads are registered (in Russia `erid`). */
    ad_marking_token: p.text().nullable(),
    /** Rules as JSON: when people are reminded of their bookings. */
    reminders: p.text().default('[]'),
    /** Seconds after a move was told in which further moves of the booking wait to be told in one; 0 for none. */
    merge_moves_s: p.integer().default(5),
    /** When its specialists get their day's list, `HH:mm` by the company's clock; null for never. */
    day_list_at: p.text().default('08:00').nullable(),
    /** When these lists must be looked at; null for never. */
    next_day_list_at: p.datetime().nullable(),
    /** While they are being sent: the specialist up to whom they are. */
    day_list_after: p.integer().default(0),
    /** As JSON: how clients are asked whether they come; null for not at all. */
    no_show_ladder: p.text().nullable(),
    created_at: p.datetime(),
  }),
});

export const Location = defineEntity({
  name: 'Location',
  tableName: 'locations',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    name: p.text(),
    /** Overrides the company's zone: the venue's time is the one people read. */
    time_zone: p.text().nullable(),
    created_at: p.datetime(),
  }),
});

export const Service = defineEntity({
  name: 'Service',
  tableName: 'services',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    external_id: p.text().nullable(),
    name: p.text(),
    duration_min: p.integer(),
    created_at: p.datetime(),
  }),
});

export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    external_id: p.text().nullable(),
    role: p.enum(['admin', 'specialist', 'client']),
    name: p.text(),
    phone: p.text().nullable(),
    /** Telegram's user id (up to 52 bits); one account may belong to users of several companies. */
    tg_id: p.bigint('number').nullable(),
    locale: p.enum(['ru', 'en']),
    /** IANA; null for the company's. */
    time_zone: p.text().nullable(),
    /** `QuietHours` as JSON. */
    quiet_hours: p.text().default(encodeQuietHours(DEFAULT_QUIET_HOURS)),
    ads_opt_out: p.boolean(),
    /** Null while the channel reaches the user, else why it does not (`blocked`, `deactivated`, `chat_not_found`, `stopped`). */
    telegram_unreachable: p.text().nullable(),
    web_push_unreachable: p.text().nullable(),
    created_at: p.datetime(),
    /** Since then the row is all that is left of a person, for their bookings: nothing is sent to it, and nobody changes it. */
    erased_at: p.datetime().nullable(),
  }),
});

export const PushSubscription = defineEntity({
  name: 'PushSubscription',
  tableName: 'push_subscriptions',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    user_id: p.integer(),
    /** Unique: an endpoint belongs to its newest user. */
    endpoint: p.text(),
    p256dh: p.text(),
    auth: p.text(),
    /** The VAPID public key the subscription was made with. */
    vapid_key: p.text(),
    created_at: p.datetime(),
  }),
});

export const Booking = defineEntity({
  name: 'Booking',
  tableName: 'bookings',
  properties: (p) => ({
    id: p.integer().primary(),
    external_id: p.text().nullable(),
    company_id: p.integer(),
    client_id: p.integer(),
    specialist_id: p.integer(),
    service_id: p.integer(),
    location_id: p.integer().nullable(),
    starts_at: p.datetime(),
    /** starts_at + duration_min, kept for the overlap index. */
    ends_at: p.datetime(),
    duration_min: p.integer(),
    status: p.enum(['created', 'cancelled', 'completed', 'no_show']),
    /** 1 at creation, one more at every change. */
    version: p.integer(),
    /** The version that set `starts_at`. */
    start_version: p.integer().default(1),
    /** When `starts_at` was last changed; null for never. */
    moved_at: p.datetime().nullable(),
    /** When its reminders must be looked at; null for never. */
    next_reminder_at: p.datetime().nullable(),
    /** When the client said that they come; null for never. */
    confirmed_at: p.datetime().nullable(),
    /** The `starts_at` of then: what they confirmed is that time. */
    confirmed_starts_at: p.datetime().nullable(),
    created_at: p.datetime(),
    updated_at: p.datetime(),
  }),
});
export type BookingRow = Row<typeof Booking>;

/** Columns and constraints are the specification's. */
export const NotificationSetting = defineEntity({
  name: 'NotificationSetting',
  tableName: 'notification_settings',
  properties: (p) => ({
    id: p.integer().primary(),
    event_type: p.text(),
    recipient_role: p.text(),
    channel: p.text(),
    enabled: p.boolean(),
    ad_template_id: p.integer().nullable(),
    company_id: p.integer(),
  }),
});

/** Columns and constraints are the specification's. */
export const AdTemplate = defineEntity({
  name: 'AdTemplate',
  tableName: 'ad_templates',
  properties: (p) => ({
    id: p.integer().primary(),
    name: p.text(),
    content_tg: p.text(),
    content_html: p.text().nullable(),
    active: p.boolean(),
    valid_until: p.datetime().nullable(),
    company_id: p.integer(),
  }),
});
export type AdTemplateRow = Row<typeof AdTemplate>;

/** Working hours of a specialist or of a location: exactly one of the two ids is set. */
export const Schedule = defineEntity({
  name: 'Schedule',
  tableName: 'schedules',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    user_id: p.integer().nullable(),
    location_id: p.integer().nullable(),
    /** Weekly hours and days off as JSON. */
    hours: p.text(),
    updated_at: p.datetime(),
  }),
});

export const ENTITIES = [
  Company,
  Location,
  Service,
  User,
  PushSubscription,
  Booking,
  NotificationSetting,
  AdTemplate,
  OutboxRow,
  Delivery,
  IdempotencyKey,
  BotUpdate,
  Card,
  UsedLink,
  Schedule,
  Broadcast,
  BroadcastChunk,
  ApiKey,
  WebhookEndpoint,
  WebhookMessage,
];
