import { z } from 'zod';
import { booking } from './bookings.ts';
import { letter } from './dead-letters.ts';
import { delivery } from './deliveries.ts';
import type { Area } from './operation.ts';
import { user, userExample } from './resources.ts';
import { count, id, instant, NOW } from './shapes.ts';

const rows = z.array(z.looseObject({}));

const eventUnderWay = z.strictObject({
  event_id: z.string(),
  event_type: z.string(),
  booking_id: id.nullable(),
  broadcast_id: id.nullable(),
  happened_at: instant,
  attempts: count.meta({ description: 'Begun for this person' }),
});

const exported = z.strictObject({
  exported_at: instant,
  user,
  schedule: z.looseObject({}).nullable(),
  bookings: z.array(booking),
  deliveries: z.array(delivery),
  push_subscriptions: rows,
  cards: rows,
  bot_updates: rows,
  used_links: rows,
  broadcasts: rows,
  day_lists: rows.meta({ description: 'The days of which they were to get the list' }),
  under_way: z.array(eventUnderWay).meta({ description: 'Events about them, or made by them, that are not settled' }),
  dead_letters: z.array(letter),
  incomplete: z.array(z.string()).meta({ description: 'The lists that may hold but their beginning' }),
});

const erased = z.strictObject({
  user_id: id,
  erased_at: instant,
  removed: z
    .record(z.string(), count)
    .meta({ description: 'How many things lost what was personal in them, this time' }),
});

export const personalData: Area['operations'] = {
  'POST /v1/users/{id}/export': {
    operationId: 'exportUser',
    summary: 'Get all that is kept of a person',
    keepsNoAnswer: true,
    examples: { params: { id: 1 } },
    answers: {
      200: {
        description: 'All of it',
        schema: exported,
        example: {
          ...{ exported_at: NOW, user: userExample, schedule: null, bookings: [], deliveries: [] },
          ...{ push_subscriptions: [], cards: [], bot_updates: [], used_links: [], broadcasts: [], day_lists: [] },
          ...{ under_way: [], dead_letters: [], incomplete: [] },
        },
      },
    },
  },
  'POST /v1/users/{id}/erase': {
    operationId: 'eraseUser',
    summary: 'Remove what is kept of a person',
    description: 'Counts stay. From then on nothing is sent to them; what is left cannot be written to.',
    examples: { params: { id: 3 } },
    answers: {
      200: {
        description: 'What was removed',
        schema: erased,
        example: { user_id: 3, erased_at: NOW, removed: { push_subscriptions: 1, deliveries: 12, dead_letters: 0 } },
      },
    },
  },
};
