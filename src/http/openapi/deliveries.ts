import { z } from 'zod';
import { STEPS, VERDICTS } from '../../explain/explanation.ts';
import type { Area } from './operation.ts';
import { count, id, instant, onePage, pageOf } from './shapes.ts';

export const delivery = z.strictObject({
  id,
  company_id: id,
  event_id: z.string(),
  event_type: z.string(),
  booking_id: id.nullable(),
  user_id: id,
  role: z.string(),
  channel: z.string().nullable(),
  status: z.enum(['delivered', 'suppressed', 'dead']),
  reason: z.string().nullable().meta({ description: 'Why it was suppressed or died' }),
  attempts: count,
  chat_id: z.int().nullable(),
  message_id: z.int().nullable(),
  finished_at: instant,
  merged_versions: z
    .array(count)
    .nullable()
    .meta({ description: 'The versions of the booking that several moves made, told in this message' }),
});

const explanation = z.strictObject({
  event_id: z.string(),
  user_id: id,
  company_id: id.nullable(),
  verdict: z.enum(VERDICTS),
  explanation: z.string().meta({ description: 'The verdict in a sentence' }),
  steps: z.array(
    z.strictObject({
      step: z.enum(STEPS),
      as_of: z.enum(['then', 'now']).meta({ description: '`now`: it may have been otherwise' }),
      says: z.string(),
      facts: z.record(z.string(), z.unknown()),
    }),
  ),
});

const delivered = {
  ...{ id: 1, company_id: 1, event_id: 'crm-991', event_type: 'booking_cancelled', booking_id: 1, user_id: 1 },
  ...{ role: 'client', channel: 'telegram', status: 'delivered', reason: null, attempts: 1, chat_id: 77 },
  ...{ message_id: 5, finished_at: '2026-11-23T10:00:01.000Z', merged_versions: null },
};

export const deliveries: Area = {
  name: 'Deliveries',
  description: 'What became of messages, and why.',
  schemas: { Delivery: delivery, Explanation: explanation },
  operations: {
    'GET /v1/deliveries': {
      operationId: 'listDeliveries',
      summary: 'List what became of messages, those that ended first at the top',
      description: 'A page may be short, even empty, before the end: go by `next_cursor`.',
      examples: { query: { company_id: 1, user_id: 1, status: 'delivered' } },
      answers: { 200: { description: 'A page of the log', schema: pageOf(delivery), example: onePage(delivered) } },
    },
    'GET /v1/deliveries/explain': {
      operationId: 'explainDelivery',
      summary: 'See why someone got a message, or did not',
      description: 'Without `company_id` the company is that of the key, or of the user.',
      examples: { query: { event_id: 'crm-991', user_id: 1 } },
      problems: ['not_found'],
      answers: {
        200: {
          description: 'The verdict, and what led to it',
          schema: explanation,
          example: {
            ...{ event_id: 'crm-991', user_id: 1, company_id: 1, verdict: 'delivered' },
            explanation: 'User 1 got the message as client over Telegram at 2026-11-23T10:00:01.000Z.',
            steps: [
              {
                ...{ step: 'outcome', as_of: 'then', says: 'It was delivered over Telegram.' },
                facts: { status: 'delivered', channel: 'telegram' },
              },
            ],
          },
        },
      },
    },
  },
};
