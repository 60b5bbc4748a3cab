import type { BookingStatus } from '../domain/bookings.ts';
import type { BookingEvent } from '../domain/events.ts';
import type { Person } from '../domain/recipients.ts';
import type { BookingFacts } from '../messages/message.ts';
import type { Database } from './database.ts';
import {
  AdTemplate,
  type AdTemplateRow,
  Booking,
  type BookingRow,
  Company,
  Location,
  NotificationSetting,
  type NotificationSettingRow,
  Service,
  User,
  type UserRow,
} from './entities.ts';
import { findRow, findRows } from './rows.ts';

type BookingRef = Pick<BookingEvent, 'company_id' | 'booking_id'>;

/** Those whom an event of the booking may concern, and the settings that decide. */
export interface BookingAudience {
  booking: BookingRow;
  users: Person[];
  settings: NotificationSettingRow[];
}

/** Null when the company has no such booking. */
export async function loadBookingAudience(database: Database, event: BookingEvent): Promise<BookingAudience | null> {
  const { company_id } = event;
  const em = database.read();
  const booking = await findRow(em, Booking, { id: event.booking_id, company_id });
  if (!booking) return null;
  const named = [
    booking.client_id,
    booking.specialist_id,
    event.change?.from?.specialist_id,
    event.initiated_by.user_id,
  ].filter((id) => typeof id === 'number');
  const [users, settings] = await Promise.all([
    findRows(em, User, { company_id, $or: [{ role: 'admin' }, { id: { $in: named } }] }),
    findRows(em, NotificationSetting, { company_id, event_type: event.type }),
  ]);
  return { booking, users, settings };
}

/** All that a message to one person needs, as it stands now. */
export interface DeliveryFacts {
  booking: BookingFacts;
  state: BookingRow & { status: BookingStatus };
  user: UserRow;
  settings: NotificationSettingRow[];
  adTemplates: AdTemplateRow[];
}

/** Null when the person or the booking is gone. */
export async function loadDeliveryFacts(
  database: Database,
  event: BookingRef & Pick<BookingEvent, 'type'>,
  userId: number,
): Promise<DeliveryFacts | null> {
  const { company_id } = event;
  const em = database.read();
  const state = await findRow(em, Booking, { id: event.booking_id, company_id });
  if (!state) return null;
  const [company, location, service, users, settings] = await Promise.all([
    findRow(em, Company, { id: company_id }),
    state.location_id === null ? null : findRow(em, Location, { id: state.location_id }),
    findRow(em, Service, { id: state.service_id }),
    findRows(em, User, { id: { $in: [state.client_id, state.specialist_id, userId] } }),
    findRows(em, NotificationSetting, { company_id, event_type: event.type }),
  ]);
  const byId = new Map(users.map((row) => [row.id, row]));
  const [client, specialist, user] = [state.client_id, state.specialist_id, userId].map((id) => byId.get(id));
  if (!company || !service || !client || !specialist || !user) return null;

  const templateIds = settings.map(({ ad_template_id }) => ad_template_id).filter((id) => id !== null);
  const adTemplates =
    templateIds.length > 0 ? await findRows(em, AdTemplate, { company_id, id: { $in: templateIds } }) : [];
  const booking: BookingFacts = {
    id: state.id,
    client_name: client.name,
    client_phone: client.phone,
    location_name: location?.name ?? null,
    service_name: service.name,
    duration_min: state.duration_min,
    starts_at: state.starts_at,
    time_zone: location?.time_zone ?? company.time_zone,
    specialist_id: state.specialist_id,
    specialist_name: specialist.name,
  };
  return { booking, state, user, settings, adTemplates };
}
