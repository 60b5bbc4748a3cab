import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/better-sqlite';
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { checkReferences } from '#src/bookings/booking-references.ts';
import { Booking } from '#src/db/entities.ts';
import { ORM_OPTIONS } from '#src/db/orm-options.ts';
import { createClient } from '#src/redis/connection.ts';
import { serveParent } from './child-process.ts';
import { serveEvents } from './fastify-peer-events.ts';
import { ADMIN_API_KEY } from './salons.ts';

/**
 * How such an API is commonly written: Fastify, one MikroORM flush a request, then a BullMQ job. Same tables, same SQLite
 * promises (each commit on the disk before its answer), same checks of the body, the references and the overlap; no outbox, so a crash
 * between flush and job loses the message. Events of other systems become jobs at once. Serves a database that a Vestnik has filled: FOLDER, REDIS_URL.
 */

const dbName = join(process.env.FOLDER ?? '', 'vestnik.sqlite');
const orm = await MikroORM.init({ ...ORM_OPTIONS, implicitTransactions: true, dbName });
await orm.em.execute('PRAGMA foreign_keys = ON');
await orm.em.execute('PRAGMA cache_size = -16000');
await orm.em.execute('PRAGMA journal_mode = WAL');
await orm.em.execute('PRAGMA synchronous = FULL');
const connection = createClient(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('bookings', { connection });

const id = { type: 'integer', minimum: 1 } as const;
const newBooking = {
  type: 'object',
  additionalProperties: false,
  required: ['company_id', 'client_id', 'specialist_id', 'service_id', 'starts_at'],
  properties: {
    company_id: id,
    client_id: id,
    specialist_id: id,
    service_id: id,
    location_id: id,
    starts_at: { type: 'string', format: 'date-time' },
  },
} as const;

interface NewBooking {
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
  location_id: number;
  starts_at: string;
}

const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } });
app.addHook('onRequest', async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${ADMIN_API_KEY}`) await reply.code(401).send();
});
app.post<{ Body: NewBooking }>('/v1/bookings', { schema: { body: newBooking } }, async ({ body }, reply) => {
  const em = orm.em.fork();
  const { serviceDurationMin } = await checkReferences(em, body);
  const duration_min = serviceDurationMin ?? 0;
  const starts_at = new Date(body.starts_at);
  const ends_at = new Date(starts_at.getTime() + duration_min * 60_000);
  const overlap = { specialist_id: body.specialist_id, status: 'created' as const };
  if (await em.findOne(Booking, { ...overlap, starts_at: { $lt: ends_at }, ends_at: { $gt: starts_at } }))
    return await reply.code(409).send();
  const now = new Date();
  const booking = em.create(Booking, {
    ...body,
    external_id: null,
    starts_at,
    ends_at,
    duration_min,
    status: 'created',
    version: 1,
    created_at: now,
    updated_at: now,
  });
  await em.persist(booking).flush();
  const event = { id: randomUUID(), type: 'booking_created', company_id: body.company_id, booking_id: booking.id };
  await queue.add(event.type, event);
  return await reply.code(201).send(booking);
});

const events = new Queue('events', { connection });
serveEvents(app, events);

const url = await app.listen({ host: '127.0.0.1', port: 0 });
serveParent({ url }, async () => {
  await app.close();
  await Promise.all([queue.close(), events.close()]);
  connection.disconnect();
  await orm.close();
});
