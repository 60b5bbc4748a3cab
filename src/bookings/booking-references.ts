import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import { dateOf, type StoredDate } from '../db/stored-values.ts';
import { earliestOverlap } from './booking-calendar.ts';
import { BookingRefused } from './booking-refused.ts';

/** What a booking refers to; an undefined member is not looked at. */
export interface BookingReferences {
  company_id: number;
  client_id?: number | undefined;
  specialist_id?: number | undefined;
  service_id?: number | undefined;
  location_id?: number | null | undefined;
}

/** The first booking of the specialist that ends after a moment. */
export interface NextBooking {
  id: number;
  starts_at: Date;
}

interface References {
  serviceDurationMin: number | null;
  next: NextBooking | null;
  /** The company's reminders as they are stored, and the zone of the location or the company; null where nothing was looked at. */
  venue: { reminders: string; time_zone: string } | null;
  /** The client or the specialist may have to be reminded early. */
  isQuiet: boolean;
}

const NO_REFERENCES: References = { serviceDurationMin: null, next: null, venue: null, isQuiet: false };

interface Found {
  company: number | null;
  client: number | null;
  specialist_role: string | null;
  service_duration: number | null;
  location: number | null;
  reminders: string | null;
  time_zone: string | null;
  quiet_people: number | string;
  next_id: number | null;
  next_starts_at: StoredDate | null;
}

const NEXT = `FROM bookings
    WHERE specialist_id = ? AND status = 'created' AND starts_at > ? AND ends_at > ? ORDER BY starts_at, id LIMIT 1`;

/** One statement for all: this runs inside the group commit, where every round trip is paid by the neighbours too. */
const FIND = `SELECT
  (SELECT id FROM companies WHERE id = ?) AS company,
  (SELECT id FROM users WHERE id = ? AND company_id = ? AND erased_at IS NULL) AS client,
  (SELECT role FROM users WHERE id = ? AND company_id = ? AND erased_at IS NULL) AS specialist_role,
  (SELECT duration_min FROM services WHERE id = ? AND company_id = ?) AS service_duration,
  (SELECT id FROM locations WHERE id = ? AND company_id = ?) AS location,
  (SELECT reminders FROM companies WHERE id = ?) AS reminders,
  COALESCE((SELECT time_zone FROM locations WHERE id = ?), (SELECT time_zone FROM companies WHERE id = ?)) AS time_zone,
  (SELECT COUNT(*) FROM users WHERE id IN (?, ?) AND quiet_hours NOT LIKE '%"messages":null}') AS quiet_people,
  (SELECT id ${NEXT}) AS next_id,
  (SELECT starts_at ${NEXT}) AS next_starts_at`;

/**
 * Refuses what is missing or belongs to another company. Anyone of the company may be the client; the specialist is a
 * specialist or an admin. Answers the service's own duration where a service was asked for, and the specialist's next booking
 * where there is one that ends after `starts_at`, and what its reminders follow from.
 * @throws {BookingRefused} naming the field.
 */
export async function checkReferences(
  tx: SqlEntityManager,
  { company_id, client_id, specialist_id, service_id, location_id }: BookingReferences,
  starts_at: Date | null = null,
): Promise<References> {
  const asked = [client_id, specialist_id, service_id, location_id].map((id) => id ?? null);
  if (asked.every((id) => id === null)) return NO_REFERENCES;
  const after = [starts_at && (specialist_id ?? null), starts_at && earliestOverlap(starts_at), starts_at];
  const values = [company_id, ...asked.flatMap((id) => [id, company_id])];
  const venue = [company_id, location_id ?? null, company_id, client_id ?? null, specialist_id ?? null];
  const [found] = await tx.execute<Found[]>(FIND, [...values, ...venue, ...after, ...after]);
  if (!found?.company) throw refused('company_id', 'does not exist');
  if (client_id && !found.client) throw refused('client_id', 'must be a user of this company');
  if (specialist_id && !found.specialist_role) throw refused('specialist_id', 'must be a user of this company');
  if (found.specialist_role === 'client')
    throw refused('specialist_id', 'must be a user whose role is specialist or admin');
  if (service_id && !found.service_duration) throw refused('service_id', 'must be a service of this company');
  if (location_id && !found.location) throw refused('location_id', 'must be a location of this company');
  const { service_duration: serviceDurationMin, next_id: id, next_starts_at: start } = found;
  const next = id !== null && start !== null ? { id, starts_at: dateOf(start) } : null;
  const { reminders, time_zone } = found;
  return {
    serviceDurationMin,
    next,
    venue: reminders && time_zone ? { reminders, time_zone } : null,
    isQuiet: Number(found.quiet_people) > 0,
  };
}

function refused(field: string, detail: string): BookingRefused {
  return new BookingRefused({ code: 'invalid_field', field, detail });
}
