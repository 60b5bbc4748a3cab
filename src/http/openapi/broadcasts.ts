import { z } from 'zod';
import { BROADCAST_STATUSES } from '../../domain/broadcasts.ts';
import { initiatorSchema, LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import type { Area, Operation } from './operation.ts';
import { count, id, instant, NOW, onePage, pageOf } from './shapes.ts';

const counts = z.record(z.string(), count);

const progress = z.strictObject({
  sent: count,
  sent_by: z.strictObject({ telegram: count, web_push: count }),
  failed: count,
  failed_by: counts.meta({ description: 'By the code of the last error' }),
  suppressed: count,
  suppressed_by: counts.meta({ description: 'By reason' }),
  remaining: count.nullable(),
  waiting_quiet: count.meta({ description: 'Of those, who wait for the end of their quiet hours' }),
  rate_per_second: z.number().min(0).meta({ description: 'Over the last ten seconds' }),
  eta: instant.nullable(),
});

const content = z.strictObject({
  tg_html: z.string(),
  push: z.strictObject({ title: z.string(), body: z.string(), url: z.string() }).optional(),
});
const audience = z.strictObject({
  roles: z.array(z.enum(RECIPIENT_ROLES)).optional(),
  user_ids: z.array(id).optional(),
  locales: z.array(z.enum(LOCALES)).optional(),
  not_seen_since: instant.optional(),
});

/** What `/v1/live` sends, too. */
const broadcast = z.strictObject({
  id,
  company_id: id,
  status: z.enum(BROADCAST_STATUSES),
  audience,
  content,
  ad_template_id: id.nullable(),
  allow_paid: z.boolean(),
  is_test: z.boolean(),
  initiated_by: z.strictObject(initiatorSchema.shape),
  audience_size: count.nullable().meta({ description: 'Null until it starts' }),
  send_at: instant,
  created_at: instant,
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  progress,
});

const preview = z.strictObject({
  audience_size: count,
  reached_by: z.strictObject({ telegram: count, web_push: count }),
  opted_out: count,
  unreachable: count,
  no_channel: count,
  waiting_quiet: count.meta({ description: 'Who would hear it after their quiet hours' }),
  duration_s: count,
  eta: instant,
  sample: z.strictObject({ user_id: id, html: z.string(), buttons: z.array(z.string()) }).nullable(),
  test: z.strictObject({ broadcast_id: id, user_id: id }).nullable(),
});

const sale = {
  company_id: 1,
  audience: { roles: ['client'], locales: ['ru'] },
  content: {
    tg_html: '<b>−20 %</b> до конца недели',
    push: { title: '−20 %', body: 'До конца недели', url: 'https://example.com/sale' },
  },
  send_at: '2026-11-27T10:00:00+03:00',
};
const example = {
  ...{ id: 1, ...sale, send_at: '2026-11-27T07:00:00.000Z', status: 'scheduled', ad_template_id: null },
  ...{ allow_paid: false, is_test: false, initiated_by: { user_id: null, role: 'system', channel: 'api' } },
  ...{ audience_size: null, created_at: NOW, started_at: null, finished_at: null },
  progress: {
    ...{ sent: 0, sent_by: { telegram: 0, web_push: 0 }, failed: 0, failed_by: {}, suppressed: 0, suppressed_by: {} },
    ...{ remaining: null, waiting_quiet: 0, rate_per_second: 0, eta: null },
  },
};

const action = (operationId: string, summary: string, status: string): Operation => ({
  operationId,
  summary,
  description: 'Takes effect with the next message. Repeating it changes nothing.',
  examples: { params: { id: 1 } },
  answers: {
    200: { description: 'The broadcast as it is now', schema: broadcast, example: { ...example, status } },
  },
  problems: ['broadcast_state'],
});

export const broadcasts: Area = {
  name: 'Broadcasts',
  description: 'One message to many, at the pace that Telegram allows, behind all that is about bookings.',
  schemas: { Broadcast: broadcast, BroadcastProgress: progress, BroadcastPreview: preview },
  operations: {
    'POST /v1/broadcasts': {
      operationId: 'createBroadcast',
      summary: 'Start or schedule a broadcast',
      description:
        'It goes to those users of the company to whom all of `audience` applies; `{}` is everybody. Without `send_at` it starts now.',
      initiator: true,
      examples: { bodies: { sale } },
      answers: { 202: { description: 'The new broadcast', schema: broadcast, example } },
    },
    'POST /v1/broadcasts/preview': {
      operationId: 'previewBroadcast',
      summary: 'See who would hear, how, and when',
      description: 'With `send_test_to` that user gets the message at once.',
      initiator: true,
      examples: { bodies: { look: sale, test: { ...sale, send_test_to: 3 } } },
      answers: {
        200: {
          description: 'What it would be',
          schema: preview,
          example: {
            ...{
              audience_size: 3,
              reached_by: { telegram: 2, web_push: 0 },
              opted_out: 1,
              unreachable: 0,
              no_channel: 0,
              waiting_quiet: 0,
            },
            ...{ duration_s: 1, eta: '2026-11-27T07:00:01.000Z', test: null },
            sample: { user_id: 1, html: '<b>−20 %</b> до конца недели', buttons: ['🔕 Не присылать рекламу'] },
          },
        },
      },
    },
    'GET /v1/broadcasts': {
      operationId: 'listBroadcasts',
      summary: 'List broadcasts with their progress',
      examples: { query: { company_id: 1, status: 'scheduled' } },
      answers: { 200: { description: 'A page of broadcasts', schema: pageOf(broadcast), example: onePage(example) } },
    },
    'GET /v1/broadcasts/{id}': {
      operationId: 'getBroadcast',
      summary: 'Get a broadcast with its progress',
      examples: { params: { id: 1 } },
      answers: { 200: { description: 'The broadcast', schema: broadcast, example } },
    },
    'POST /v1/broadcasts/{id}/pause': action('pauseBroadcast', 'Pause a broadcast', 'paused'),
    'POST /v1/broadcasts/{id}/resume': action('resumeBroadcast', 'Go on with a paused broadcast', 'scheduled'),
    'POST /v1/broadcasts/{id}/cancel': action('cancelBroadcast', 'Cancel a broadcast', 'cancelled'),
    'POST /v1/broadcasts/{id}/retry-failed': action(
      'retryFailedOfBroadcast',
      'Let those who failed have it again',
      'running',
    ),
  },
};
