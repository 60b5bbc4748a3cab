import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import { BOOKING_EVENT_TYPES, INITIATOR_ROLES, SYSTEM_INITIATOR } from '#src/domain/events.ts';
import { LANES } from '#src/domain/lanes.ts';
import { EVENTS_BODY_LIMIT_BYTES } from '#src/http/limits.ts';

/** `POST /v1/events` with the same checks: one job an event, `addBulk` for an array. */

const id = { type: 'integer', minimum: 1 } as const;
const state = {
  type: 'object',
  required: ['starts_at', 'specialist_id', 'service_id', 'location_id', 'duration_min'],
  properties: {
    starts_at: { type: 'string', format: 'date-time' },
    specialist_id: id,
    service_id: id,
    location_id: { type: ['integer', 'null'], minimum: 1 },
    duration_min: id,
  },
} as const;
const storable = (maxLength: number) =>
  ({ type: 'string', minLength: 1, maxLength, pattern: '^[^\\p{Cc}\\p{Cs}]*$' }) as const;
const event = {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'company_id', 'booking_id'],
  properties: {
    id: storable(128),
    type: { enum: BOOKING_EVENT_TYPES },
    company_id: id,
    booking_id: id,
    initiated_by: {
      type: 'object',
      required: ['user_id', 'role', 'channel'],
      properties: {
        user_id: { type: ['integer', 'null'], minimum: 1 },
        role: { enum: INITIATOR_ROLES },
        channel: storable(64),
      },
    },
    ts: { type: 'integer', minimum: 0 },
    change: {
      type: 'object',
      required: ['version', 'from', 'to'],
      properties: { version: id, from: { anyOf: [state, { type: 'null' }] }, to: state },
    },
    lane: { enum: LANES },
  },
} as const;
const body = { anyOf: [event, { type: 'array', minItems: 1, maxItems: 1000, items: event }] } as const;

interface PostedEvent {
  id?: string;
  type: string;
  company_id: number;
  booking_id: number;
  initiated_by?: object;
  ts?: number;
}

function jobOf(posted: PostedEvent) {
  const data = {
    ...posted,
    id: posted.id ?? randomUUID(),
    initiated_by: posted.initiated_by ?? SYSTEM_INITIATOR,
    ts: posted.ts ?? Math.floor(Date.now() / 1000),
  };
  return { name: posted.type, data };
}

export function serveEvents(app: FastifyInstance, queue: Queue): void {
  const options = { schema: { body }, bodyLimit: EVENTS_BODY_LIMIT_BYTES };
  app.post<{ Body: PostedEvent | PostedEvent[] }>('/v1/events', options, async ({ body: posted }, reply) => {
    const jobs = Array.isArray(posted) ? posted.map(jobOf) : [jobOf(posted)];
    const [first] = jobs;
    if (Array.isArray(posted)) await queue.addBulk(jobs);
    else if (first) await queue.add(first.name, first.data);
    return await reply.code(202).send({ accepted: jobs.length, ids: jobs.map(({ data }) => data.id) });
  });
}
