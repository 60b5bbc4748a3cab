import { defineEntity } from '@mikro-orm/core';
import { WORK_STREAMS } from '../domain/lanes.ts';
import { ApiKey } from './api-key-entity.ts';
import { BotUpdate, Card, UsedLink } from './bot-entities.ts';
import { Broadcast, BroadcastChunk } from './broadcast-entities.ts';
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

/** An event committed with its change and not yet settled. A settled event's row is deleted. Ids follow the order of commit. */
export const OutboxRow = defineEntity({
  name: 'OutboxRow',
  tableName: 'outbox',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    company_id: p.integer(),
    event_id: p.text(),
    /** The event as JSON, exactly as it goes into the stream. */
    event: p.text(),
    lane: p.enum([...WORK_STREAMS]),
    created_at: p.datetime(),
  }),
});

/** How an event ended for one person; unique by (company_id, event_id, user_id). */
export const Delivery = defineEntity({
  name: 'Delivery',
  tableName: 'deliveries',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    company_id: p.integer(),
    event_id: p.text(),
    event_type: p.text(),
    booking_id: p.integer().nullable(),
    user_id: p.integer(),
    role: p.text(),
    channel: p.text().nullable(),
    status: p.enum(['delivered', 'suppressed', 'dead']),
    /** Why it was suppressed or died. */
    reason: p.text().nullable(),
    attempts: p.integer(),
    chat_id: p.bigint('number').nullable(),
    message_id: p.integer().nullable(),
    finished_at: p.datetime(),
  }),
});
export type DeliveryRow = Row<typeof Delivery>;

/** The answer a POST with an Idempotency-Key gave, committed with what it did. */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    /** Which API key sent it. */
    scope: p.text(),
    key: p.text(),
    /** SHA-256 over method, path and body. */
    fingerprint: p.text(),
    status: p.integer(),
    body: p.text(),
    created_at: p.datetime(),
  }),
});

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
