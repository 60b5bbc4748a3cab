import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { BookingPageFacts } from '../db/booking-page.ts';

const PRODUCT = { company: 'Vestnik', product: 'bookings' };

/** The booking as an iCalendar file (RFC 5545). A calendar that has it already takes the newer state by UID and SEQUENCE. */
export function bookingCalendarFile(booking: BookingPageFacts, host: string): string {
  const { id, version, service_name, specialist_name, company_name, location_name } = booking;
  const calendar = ical({ prodId: PRODUCT, method: ICalCalendarMethod.PUBLISH });
  calendar.createEvent({
    id: `booking-${id}@${host}`,
    sequence: version - 1,
    stamp: booking.updated_at,
    start: booking.starts_at,
    end: booking.ends_at,
    summary: `${service_name} · ${company_name}`,
    description: specialist_name,
    location: location_name === null ? company_name : `${company_name}, ${location_name}`,
    status: booking.status === 'cancelled' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
  });
  return calendar.toString();
}
