import { defineEntity } from '@mikro-orm/core';
import { WEBHOOK_MESSAGE_STATUSES, WEBHOOK_MESSAGE_TYPES } from '../domain/webhooks.ts';
import type { Row } from './rows.ts';

/** Where a company wants to be told of what happened. */
export const WebhookEndpoint = defineEntity({
  name: 'WebhookEndpoint',
  tableName: 'webhook_endpoints',
  properties: (p) => ({
    id: p.integer().primary(),
    company_id: p.integer(),
    url: p.text(),
    /** WebhookEventType[] as JSON. */
    event_types: p.text(),
    /** `whsec_` and base64. */
    secret: p.text(),
    /** Signs too, until then. */
    old_secret: p.text().nullable(),
    old_secret_until: p.datetime().nullable(),
    enabled: p.boolean(),
    created_at: p.datetime(),
    /** In a row; those that met while it was held already count once. */
    failures: p.integer(),
    /** Since then no attempt has succeeded; null while they do. */
    failing_since: p.datetime().nullable(),
    /** Until then nothing is sent there. */
    held_until: p.datetime().nullable(),
    /** Of the last failure. */
    last_error: p.text().nullable(),
    disabled_at: p.datetime().nullable(),
    disabled_reason: p.text().nullable(),
    /** Nobody sees it any more; the row waits until its messages are deleted. */
    deleted_at: p.datetime().nullable(),
  }),
});
export type WebhookEndpointRow = Row<typeof WebhookEndpoint>;

/** What an endpoint is told, and how that went. */
export const WebhookMessage = defineEntity({
  name: 'WebhookMessage',
  tableName: 'webhook_messages',
  properties: (p) => ({
    id: p.bigint('number').primary(),
    /** `msg_…`, the header `webhook-id`. */
    public_id: p.text(),
    endpoint_id: p.integer(),
    company_id: p.integer(),
    type: p.enum([...WEBHOOK_MESSAGE_TYPES]),
    /** The body, byte for byte. */
    payload: p.text(),
    status: p.enum([...WEBHOOK_MESSAGE_STATUSES]),
    attempts: p.integer(),
    /** How often it went into the outbox. */
    offers: p.integer(),
    /** HTTP status of the last answer; null where none came. */
    last_status: p.integer().nullable(),
    last_error: p.text().nullable(),
    created_at: p.datetime(),
    /** Null while it is on its way, and when it has ended. */
    next_attempt_at: p.datetime().nullable(),
    delivered_at: p.datetime().nullable(),
  }),
});
export type WebhookMessageRow = Row<typeof WebhookMessage>;
