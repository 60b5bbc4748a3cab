import { z } from 'zod';
import { WORK_STREAMS } from '../../domain/lanes.ts';
import type { Area } from './operation.ts';
import { count, id, instant, onePage, pageOf } from './shapes.ts';

export const letter = z.strictObject({
  id: z.string(),
  stream: z.enum(WORK_STREAMS),
  event: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Null where it is no JSON object' }),
  raw: z.record(z.string(), z.string()).nullable().meta({ description: 'All fields of an entry without recipients' }),
  recipient: z.string().nullable().meta({ description: '`user:7`, or `*` for the event as a whole' }),
  user_id: id.nullable(),
  channel: z.string().nullable(),
  attempts: count.nullable(),
  first_error: z.string().nullable(),
  last_error: z.string().nullable(),
  first_failed_at: instant.nullable(),
  died_at: instant.nullable(),
});

const replayed = z.strictObject({
  replayed: count,
  missing: z.array(z.string()).meta({ description: 'Ids that were not there (any more)' }),
});

const LETTER_ID = 'p2p:0:1795404292730-0';
const example = {
  ...{ id: LETTER_ID, stream: 'p2p', raw: null, recipient: 'user:1', user_id: 1, channel: 'telegram', attempts: 3 },
  event: {
    ...{ id: 'crm-991', type: 'booking_cancelled', company_id: 1, booking_id: 1, ts: 1795428000 },
    initiated_by: { user_id: 3, role: 'admin', channel: 'crm' },
  },
  first_error: 'telegram_500: Internal Server Error',
  last_error: 'telegram_500: Internal Server Error',
  first_failed_at: '2026-11-23T10:00:00.000Z',
  died_at: '2026-11-23T10:00:11.000Z',
};

export const deadLetters: Area = {
  name: 'Dead letters',
  description:
    'What could not be delivered to someone, one letter per recipient. Letters of the stream `webhooks` belong to no company: the admin key alone sees them.',
  schemas: { DeadLetter: letter },
  operations: {
    'GET /v1/dead-letters': {
      operationId: 'listDeadLetters',
      summary: 'List dead letters, those that died first at the top',
      description: 'With `company_id` a page may be short, even empty, before the end: go by `next_cursor`.',
      examples: { query: { stream: 'p2p', company_id: 1 } },
      answers: { 200: { description: 'A page of letters', schema: pageOf(letter), example: onePage(example) } },
    },
    'GET /v1/dead-letters/{id}': {
      operationId: 'getDeadLetter',
      summary: 'Get a dead letter',
      examples: { params: { id: LETTER_ID } },
      answers: { 200: { description: 'The letter', schema: letter, example } },
    },
    'POST /v1/dead-letters/replay': {
      operationId: 'replayDeadLetters',
      summary: 'Try again, for the recipients of these letters alone',
      examples: { bodies: { some: { ids: [LETTER_ID] }, all: { all: true, stream: 'p2p' } } },
      answers: {
        200: { description: 'What was replayed', schema: replayed, example: { replayed: 1, missing: [] } },
      },
    },
    'DELETE /v1/dead-letters/{id}': {
      operationId: 'discardDeadLetter',
      summary: 'Forget a dead letter',
      examples: { params: { id: LETTER_ID } },
      answers: { 204: { description: 'It is gone' } },
    },
  },
};
