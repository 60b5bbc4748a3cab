import { z } from 'zod';
import { eventsBody } from '../routes/events.ts';
import type { Area } from './operation.ts';
import { count } from './shapes.ts';

const accepted = z.strictObject({
  accepted: count,
  ids: z.array(z.string()).meta({ description: 'In the order of the events; yours, or new ones' }),
});

const cancelled = { type: 'booking_cancelled', company_id: 1, booking_id: 1 };

export const events: Area = {
  name: 'Events',
  description: 'For back ends that keep their bookings themselves.',
  operations: {
    'POST /v1/events': {
      operationId: 'postEvents',
      summary: 'Put one event, or up to 1,000, straight into the stream',
      description:
        'Nobody is looked up, and the events are as durable as Redis is. An `id` is unique per company: a repeat within a day ' +
        'is ignored. `ts` is Unix time in seconds.',
      body: eventsBody,
      initiator: true,
      examples: {
        bodies: {
          one: { ...cancelled, id: 'crm-991', initiated_by: { user_id: 3, role: 'admin', channel: 'crm' } },
          several: [cancelled, { ...cancelled, type: 'booking_reminder', lane: 'broadcast' }],
        },
      },
      answers: {
        202: { description: 'They are in the stream', schema: accepted, example: { accepted: 1, ids: ['crm-991'] } },
      },
    },
  },
};
