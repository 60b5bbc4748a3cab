import { defineEntity } from '@mikro-orm/core';
import { WORK_STREAMS } from '../domain/lanes.ts';
import type { Row } from './rows.ts';

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
    /** The versions of the moves that it told in one, as JSON; null for a message of one change. */
    merged_versions: p.text().nullable(),
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
