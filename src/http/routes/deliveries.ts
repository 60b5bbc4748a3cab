import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { type DeliveryPosition, listDeliveries } from '../../db/delivery-list.ts';
import { BOOKING_EVENT_TYPES, bookingEventSchema, CHANNELS } from '../../domain/events.ts';
import { AUDIENCES } from '../../domain/recipients.ts';
import type { Explain } from '../../explain/explanation.ts';
import { jsonAnswer } from '../answer.ts';
import type { CostlyWork } from '../costly-work.ts';
import { idText, instantText } from '../fields.ts';
import { cursorOf, encodeCursor, pageQuery } from '../page.ts';
import { type Route, route } from '../route.ts';
import { inQuery, namedInQuery } from '../tenancy.ts';

const eventIdText = bookingEventSchema.shape.id;

const CURSOR = /^after:(\d{1,14}):([1-9]\d{0,15})$/;

const formatPosition = ({ finished_at, id }: DeliveryPosition): string => `after:${finished_at.getTime()}:${id}`;

function parsePosition(text: string): DeliveryPosition | null {
  const [, at, id] = CURSOR.exec(text) ?? [];
  const finished_at = new Date(Number(at));
  return Number.isNaN(finished_at.getTime()) ? null : { finished_at, id: Number(id) };
}

const listQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: cursorOf(parsePosition).optional(),
  company_id: idText.exactOptional(),
  event_id: eventIdText.exactOptional(),
  event_type: z.enum([...BOOKING_EVENT_TYPES, 'specialist_day', 'broadcast']).exactOptional(),
  booking_id: idText.exactOptional(),
  broadcast_id: idText.exactOptional(),
  user_id: idText.exactOptional(),
  role: z.enum(AUDIENCES).exactOptional(),
  channel: z.enum(CHANNELS).exactOptional(),
  status: z.enum(['delivered', 'suppressed', 'dead']).exactOptional(),
  /** Inclusive. */
  finished_from: instantText.exactOptional(),
  /** Exclusive. */
  finished_to: instantText.exactOptional(),
});

const explainQuery = z.strictObject({
  event_id: eventIdText,
  user_id: idText,
  company_id: idText.exactOptional(),
});

/** What became of messages, and why. */
export function deliveryRoutes(deps: { database: Database; explain: Explain; costly: CostlyWork }): Route[] {
  const { database, explain, costly } = deps;
  return [
    route({
      method: 'GET',
      path: '/v1/deliveries',
      auth: { scope: 'read', company: inQuery },
      query: listQuery,
      async handler({ query: { limit, cursor, ...filters } }) {
        const { items, next } = await listDeliveries(database.survey(), filters, { after: cursor, limit });
        return jsonAnswer(200, { items, next_cursor: next && encodeCursor(formatPosition(next)) });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/deliveries/explain',
      auth: { scope: 'read', company: namedInQuery },
      query: explainQuery,
      handler: async (request) => jsonAnswer(200, await costly(request, () => explain(request.query))),
    }),
  ];
}
