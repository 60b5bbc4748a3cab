import { BookingRefused } from '../bookings/booking-refused.ts';
import { findBooking } from '../db/booking-rows.ts';
import type { Database } from '../db/database.ts';
import { owned } from './tenancy.ts';

/** For routes of one booking: it is of the key's company. */
export const keptToBooking = (database: Pick<Database, 'read'>) =>
  owned<{ params: { id: number } }>(
    async ({ params }) => (await findBooking(database.read(), params.id))?.company_id,
    noSuchBooking,
  );

export const noSuchBooking = () => new BookingRefused({ code: 'booking_not_found' });
