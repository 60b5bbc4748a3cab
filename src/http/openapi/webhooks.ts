import { z } from 'zod';
import { WEBHOOK_EVENT_TYPES, WEBHOOK_MESSAGE_STATUSES, WEBHOOK_MESSAGE_TYPES } from '../../domain/webhooks.ts';
import type { Area } from './operation.ts';
import { count, id, instant, NOW, onePage, pageOf } from './shapes.ts';

const facts = {
  id,
  company_id: id,
  url: z.string(),
  enabled: z.boolean(),
  created_at: instant,
  failing_since: instant.nullable().meta({ description: 'Since then no attempt has succeeded' }),
  last_error: z.string().nullable(),
  disabled_at: instant.nullable(),
  disabled_reason: z.string().nullable().meta({ description: '`gone`, `failed_for_five_days` or `switched_off`' }),
  old_secret_until: instant
    .nullable()
    .meta({ description: 'The secret before the last rotation signs too, until then' }),
  event_types: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
  next_attempt_after: instant.nullable().meta({ description: 'Nothing is sent before, because the endpoint fails' }),
};
const endpoint = z.strictObject(facts);
const endpointWithSecret = z.strictObject({ ...facts, secret: z.string().meta({ description: 'Shown this once' }) });

const message = z.strictObject({
  id: z.string().meta({ description: 'The header `webhook-id`' }),
  endpoint_id: id,
  company_id: id,
  type: z.enum(WEBHOOK_MESSAGE_TYPES),
  status: z.enum(WEBHOOK_MESSAGE_STATUSES),
  attempts: count,
  last_status: z.int().nullable().meta({ description: 'HTTP status of the last answer; null where none came' }),
  last_error: z.string().nullable(),
  created_at: instant,
  next_attempt_at: instant.nullable().meta({
    description: 'Nor before `next_attempt_after` of the endpoint; null while it is on its way, and when it has ended',
  }),
  delivered_at: instant.nullable(),
  payload: z.strictObject({ type: z.string(), timestamp: instant, data: z.record(z.string(), z.unknown()) }),
});

const accepted = z.strictObject({ message_id: z.string() });
const replayed = z.strictObject({
  replayed: count,
  missing: z.array(z.string()).meta({ description: 'Ids that the endpoint does not have (any more)' }),
  more: z.boolean().meta({ description: 'There are more than one call replays: send it again' }),
});

const URL_EXAMPLE = 'https://crm.example/vestnik';
const MESSAGE_ID = 'msg_2b1k9xV0dW5nq7Tz3rYh4sLfPmA';
const endpointExample = {
  ...{ id: 1, company_id: 1, url: URL_EXAMPLE, enabled: true, created_at: NOW, failing_since: null, last_error: null },
  ...{ disabled_at: null, disabled_reason: null, old_secret_until: null, next_attempt_after: null },
  event_types: ['delivery.failed', 'user.unreachable'],
};
const secretExample = { ...endpointExample, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=' };
const messageExample = {
  ...{ id: MESSAGE_ID, endpoint_id: 1, company_id: 1, type: 'user.unreachable', status: 'delivered', attempts: 1 },
  ...{ last_status: 204, last_error: null, created_at: NOW, next_attempt_at: null, delivered_at: NOW },
  payload: {
    ...{ type: 'user.unreachable', timestamp: NOW },
    data: { company_id: 1, user_id: 1, channel: 'telegram', reason: 'blocked' },
  },
};
const params = { id: 1 };

export const webhooks: Area = {
  name: 'Webhooks',
  description: 'Calls of your own server when something has happened, signed as Standard Webhooks says.',
  schemas: { WebhookEndpoint: endpoint, WebhookEndpointWithSecret: endpointWithSecret, WebhookMessage: message },
  operations: {
    'GET /v1/webhook-endpoints': {
      operationId: 'listWebhookEndpoints',
      summary: 'List endpoints',
      examples: { query: { company_id: 1, enabled: true } },
      answers: {
        200: { description: 'A page of endpoints', schema: pageOf(endpoint), example: onePage(endpointExample) },
      },
    },
    'POST /v1/webhook-endpoints': {
      operationId: 'createWebhookEndpoint',
      summary: 'Add an endpoint',
      description: 'Without `event_types` it hears of everything. A company may have ten.',
      examples: {
        bodies: { some: { company_id: 1, url: URL_EXAMPLE, event_types: ['delivery.failed', 'user.unreachable'] } },
      },
      answers: {
        201: { description: 'The new endpoint with its secret', schema: endpointWithSecret, example: secretExample },
      },
    },
    'GET /v1/webhook-endpoints/{id}': {
      operationId: 'getWebhookEndpoint',
      summary: 'Get an endpoint',
      examples: { params },
      answers: { 200: { description: 'The endpoint', schema: endpoint, example: endpointExample } },
    },
    'PATCH /v1/webhook-endpoints/{id}': {
      operationId: 'updateWebhookEndpoint',
      summary: 'Change an endpoint, or switch it on or off',
      examples: { params, bodies: { on: { enabled: true }, moved: { url: 'https://crm.example/hooks' } } },
      answers: { 200: { description: 'The endpoint as it is now', schema: endpoint, example: endpointExample } },
    },
    'DELETE /v1/webhook-endpoints/{id}': {
      operationId: 'deleteWebhookEndpoint',
      summary: 'Delete an endpoint with its messages',
      examples: { params },
      answers: { 204: { description: 'It is gone' } },
    },
    'POST /v1/webhook-endpoints/{id}/rotate-secret': {
      operationId: 'rotateWebhookSecret',
      summary: 'Give an endpoint a new secret',
      description:
        'For 24 hours each call has two signatures, one by the old secret, which another rotation within them does not change.',
      examples: { params },
      answers: {
        200: { description: 'The endpoint with its new secret', schema: endpointWithSecret, example: secretExample },
      },
    },
    'POST /v1/webhook-endpoints/{id}/test': {
      operationId: 'testWebhookEndpoint',
      summary: 'Send a `webhook.test`',
      description: 'It waits like any other message while the endpoint is held.',
      examples: { params },
      answers: {
        202: { description: 'The message is on its way', schema: accepted, example: { message_id: MESSAGE_ID } },
      },
    },
    'GET /v1/webhook-messages': {
      operationId: 'listWebhookMessages',
      summary: 'List what endpoints were told, the oldest first',
      examples: { query: { endpoint_id: 1, status: 'failed' } },
      answers: {
        200: { description: 'A page of messages', schema: pageOf(message), example: onePage(messageExample) },
      },
    },
    'POST /v1/webhook-messages/replay': {
      operationId: 'replayWebhookMessages',
      summary: 'Send messages again',
      description: 'Those with these ids, however they ended, or all that failed and were made `since`.',
      examples: {
        bodies: { some: { endpoint_id: 1, ids: [MESSAGE_ID] }, all: { endpoint_id: 1, since: '2026-11-23T00:00:00Z' } },
      },
      answers: {
        200: { description: 'What was replayed', schema: replayed, example: { replayed: 1, missing: [], more: false } },
      },
    },
  },
};
