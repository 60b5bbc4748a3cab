import { z } from 'zod';
import { endOf } from '../../bookings/booking-calendar.ts';
import { checkReferences } from '../../bookings/booking-references.ts';
import { freeTimesOn, readBusyTimes, readVenueHours } from '../../bookings/specialist-calendar.ts';
import { findBooking } from '../../db/booking-rows.ts';
import type { Database, Sql } from '../../db/database.ts';
import { type BookingRow, User } from '../../db/entities.ts';
import { findRow } from '../../db/rows.ts';
import { freeTimes } from '../../domain/free-times.ts';
import { isCalendarDate } from '../../domain/venue-clock.ts';
import { jsonAnswer } from '../answer.ts';
import { idText } from '../fields.ts';
import { invalidField } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { owned } from '../tenancy.ts';

const slotQuery = z.strictObject({
  specialist_id: idText,
  service_id: idText,
  date: z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : undefined) })
    .refine(isCalendarDate, 'must be a date, such as 2026-11-24'),
  location_id: idText.exactOptional(),
  booking_id: idText.exactOptional(),
});

/** When a specialist could take a booking. */
export function slotRoutes({ database, clock }: { database: Database; clock: () => Date }): Route[] {
  const companyOfUser = async (id: number) => (await findRow(database.read(), User, { id }))?.company_id;
  const ofSpecialist = owned<{ query: { specialist_id: number } }>(
    ({ query }) => companyOfUser(query.specialist_id),
    noSpecialist,
  );
  return [
    route({
      method: 'GET',
      path: '/v1/slots',
      auth: { scope: 'read', company: ofSpecialist },
      query: slotQuery,
      async handler({ query: { specialist_id, service_id, date, location_id, booking_id } }) {
        const reader = database.read();
        const company_id = await companyOfUser(specialist_id);
        if (company_id === undefined) throw noSpecialist();
        const moved = booking_id === undefined ? null : await bookingOf(reader, booking_id, company_id);
        const place = location_id ?? moved?.location_id ?? null;
        const references = { company_id, specialist_id, service_id, location_id: place };
        const { serviceDurationMin } = await checkReferences(reader, references);
        // As a move does: the booking keeps its own duration, another service brings its own.
        const duration_min = (moved?.service_id === service_id ? moved.duration_min : serviceDurationMin) ?? 0;
        const venue = await readVenueHours(reader, { company_id, specialist_id, location_id: place });
        const { time_zone } = venue;
        const days = { from: date, to: date };
        const busy = await readBusyTimes(reader, { specialist_id, moved: booking_id ?? null, time_zone, ...days });
        const times = freeTimes(freeTimesOn(venue, { busy, date, duration_min, now: clock() }));
        const items = times.map((starts_at) => ({ starts_at, ends_at: endOf(starts_at, duration_min) }));
        return jsonAnswer(200, { items, specialist_id, service_id, date, time_zone });
      },
    }),
  ];
}

const noSpecialist = () => invalidField('specialist_id', 'does not exist');

/** @throws {Problem} 422. */
async function bookingOf(reader: Sql, id: number, company_id: number): Promise<BookingRow> {
  const booking = await findBooking(reader, id);
  if (booking?.company_id !== company_id) throw invalidField('booking_id', 'must be a booking of this company');
  return booking;
}
