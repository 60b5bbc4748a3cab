import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { z } from 'zod';
import { MAX_DURATION_MIN } from '../../bookings/booking-calendar.ts';
import type { BookingService } from '../../bookings/booking-service.ts';
import { type InitiatorClaim, resolveInitiator } from '../../bookings/initiator.ts';
import { findBooking } from '../../db/booking-rows.ts';
import type { Database, Sql } from '../../db/database.ts';
import { Booking, type BookingRow } from '../../db/entities.ts';
import { findRows } from '../../db/rows.ts';
import { BOOKING_STATUSES, isConfirmed } from '../../domain/bookings.ts';
import type { Initiator } from '../../domain/events.ts';
import { type Answer, jsonAnswer } from '../answer.ts';
import { keptToBooking, noSuchBooking } from '../booking-access.ts';
import { requireMatch } from '../conditional.ts';
import { externalId, id, idParams, idText, instant, instantText, minutesText, textFilter } from '../fields.ts';
import type { Idempotency } from '../idempotency.ts';
import { answerPage, type PageWindow, pageQuery } from '../page.ts';
import { type Route, route } from '../route.ts';
import { inBody, inQuery } from '../tenancy.ts';

const facts = {
  specialist_id: id,
  service_id: id,
  location_id: id.nullable(),
  starts_at: instant,
  duration_min: z.int().min(1).max(MAX_DURATION_MIN),
  external_id: externalId.nullable(),
};
const switches = { allow_overlap: z.boolean().default(false), notify: z.boolean().default(true) };

const newBooking = z.strictObject({
  company_id: id,
  client_id: id,
  ...facts,
  location_id: facts.location_id.default(null),
  duration_min: facts.duration_min.optional(),
  external_id: facts.external_id.default(null),
  ...switches,
});

const bookingChange = z.strictObject({ ...z.object(facts).partial().shape, ...switches });

const bookingQuery = z.strictObject({
  ...pageQuery,
  company_id: idText.exactOptional(),
  client_id: idText.exactOptional(),
  specialist_id: idText.exactOptional(),
  service_id: idText.exactOptional(),
  location_id: idText.exactOptional(),
  status: z.enum(BOOKING_STATUSES).exactOptional(),
  external_id: textFilter.exactOptional(),
  starts_at: instantText.exactOptional(),
  ends_at: instantText.exactOptional(),
  duration_min: minutesText.exactOptional(),
  version: idText.exactOptional(),
  /** Inclusive. */
  starts_from: instantText.exactOptional(),
  /** Exclusive. */
  starts_to: instantText.exactOptional(),
});

const emptyBody = z.strictObject({}).optional();

interface BookingRoutesDeps {
  database: Database;
  bookings: BookingService;
  idempotency: Idempotency;
}

export function bookingRoutes({ database, bookings, idempotency }: BookingRoutesDeps): Route[] {
  const ofBooking = keptToBooking(database);
  type Act = (tx: SqlEntityManager, id: number, initiator: Initiator, trace: string) => Promise<BookingRow>;
  const action = (name: string, act: Act): Route =>
    route({
      method: 'POST',
      path: `/v1/bookings/{id}/${name}`,
      auth: { scope: 'bookings:write', company: ofBooking },
      params: idParams,
      body: emptyBody,
      tagged: true,
      handler: (request) =>
        idempotency.run(request.idempotency, bookings.commit, async (tx) => {
          const initiator = await initiatorOf(tx, request.initiator, request.params.id);
          return jsonAnswer(200, bookingView(await act(tx, request.params.id, initiator, request.trace)));
        }),
    });

  return [
    route({
      method: 'POST',
      path: '/v1/bookings',
      auth: { scope: 'bookings:write', company: inBody },
      body: newBooking,
      tagged: true,
      handler: ({ body, idempotency: claim, initiator: claimed, trace }) =>
        idempotency.run(claim, bookings.commit, async (tx) => {
          const initiator = await resolveInitiator(tx, claimed, body.company_id);
          return jsonAnswer(201, bookingView(await bookings.create(tx, body, initiator, trace)));
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/bookings',
      auth: { scope: 'read', company: inQuery },
      query: bookingQuery,
      handler: ({ query: { limit, cursor, starts_from, starts_to, ...filters } }) => {
        const from = starts_from && { starts_at: { $gte: starts_from } };
        const to = starts_to && { starts_at: { $lt: starts_to } };
        const conditions = [filters, from, to].filter((condition) => condition !== undefined);
        const find = ({ where, options }: PageWindow) =>
          findRows(database.survey(), Booking, { $and: [...conditions, where] }, options);
        return answerPage({ limit, cursor }, find, bookingView);
      },
    }),
    route({
      method: 'GET',
      path: '/v1/bookings/{id}',
      auth: { scope: 'read', company: ofBooking },
      params: idParams,
      tagged: true,
      handler: ({ params }) => current(database.read(), params.id),
    }),
    route({
      method: 'PATCH',
      path: '/v1/bookings/{id}',
      auth: { scope: 'bookings:write', company: ofBooking },
      params: idParams,
      body: bookingChange,
      tagged: true,
      handler: ({ params, body, initiator: claim, trace, ifMatch }) =>
        bookings.commit(async (tx) => {
          if (ifMatch) await requireMatch(ifMatch, () => current(tx, params.id));
          const initiator = await initiatorOf(tx, claim, params.id);
          return jsonAnswer(200, bookingView(await bookings.reschedule(tx, params.id, body, initiator, trace)));
        }),
    }),
    action('cancel', bookings.cancel),
    action('complete', bookings.complete),
    action('no-show', bookings.noShow),
    action('confirm', (tx, bookingId) => bookings.confirm(tx, bookingId)),
  ];
}

/** @throws {BookingRefused} */
async function current(sql: Sql, id: number): Promise<Answer> {
  const booking = await findBooking(sql, id);
  if (!booking) throw noSuchBooking();
  return jsonAnswer(200, bookingView(booking));
}

/** Only a claimed user makes it worth a look at the booking's company. */
async function initiatorOf(
  tx: SqlEntityManager,
  claim: InitiatorClaim | undefined,
  bookingId: number,
): Promise<Initiator> {
  const booking = claim && (await findBooking(tx, bookingId));
  if (booking === null) throw noSuchBooking();
  return resolveInitiator(tx, claim, booking?.company_id ?? 0);
}

function bookingView(row: BookingRow) {
  return {
    id: row.id,
    external_id: row.external_id,
    company_id: row.company_id,
    client_id: row.client_id,
    specialist_id: row.specialist_id,
    service_id: row.service_id,
    location_id: row.location_id,
    starts_at: row.starts_at,
    ends_at: row.ends_at,
    duration_min: row.duration_min,
    status: row.status,
    version: row.version,
    confirmed_at: isConfirmed(row) ? row.confirmed_at : null,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
