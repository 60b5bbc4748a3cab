import { z } from 'zod';

/** What an endpoint can ask to hear of. */
export const WEBHOOK_EVENT_TYPES = [
  'delivery.sent',
  'delivery.failed',
  'user.unreachable',
  'broadcast.completed',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** Sent on request, whatever the endpoint asked for. */
export const WEBHOOK_TEST = 'webhook.test';
export const WEBHOOK_MESSAGE_TYPES = [...WEBHOOK_EVENT_TYPES, WEBHOOK_TEST] as const;
export type WebhookMessageType = (typeof WEBHOOK_MESSAGE_TYPES)[number];

export const WEBHOOK_MESSAGE_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** The JSON in the field `event` of the stream `events:webhooks`: one attempt. What is sent stands in the database. */
export const webhookCallSchema = z.object({
  /** Of the message: `msg_…`. */
  id: z.string().regex(/^msg_[\w-]{1,64}$/),
  type: z.literal('webhook'),
  company_id: z.int().positive(),
  endpoint_id: z.int().positive(),
  /** The how many-th time the message is on its way: what is left of an earlier one does nothing. */
  offer: z.int().positive(),
  /** Unix time in seconds. */
  ts: z.int().nonnegative(),
});
export type WebhookCall = z.infer<typeof webhookCallSchema>;
