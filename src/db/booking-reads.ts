import type { BookingSchedule, BookingStatus, Confirmable } from '../domain/bookings.ts';
import type { BookingEvent, BookingEventType, Locale, RecipientRole } from '../domain/events.ts';
import type { StandingLadder } from '../domain/no-show-ladder.ts';
import { decodeQuietHours, type QuietHours } from '../domain/quiet-hours.ts';
import type { Person, SelectionEvent } from '../domain/recipients.ts';
import type { ReminderCase } from '../domain/reminders.ts';
import type { SettingRule } from '../domain/settings.ts';
import type { AdMarking } from '../messages/legal-line.ts';
import type { BookingFacts } from '../messages/message.ts';
import { createBatchedSelect } from './batched-select.ts';
import type { Database } from './database.ts';
import type { AdTemplateRow } from './entities.ts';
import { decodeLadder } from './no-show-ladder.ts';
import { createReminderReader } from './reminder-reads.ts';
import { booleanOf, dateOf, dateOrNull, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** Those whom an event of the booking may concern, and the settings that decide. */
export interface BookingAudience {
  booking: { client_id: number; specialist_id: number };
  /** By id. */
  users: Person[];
  settings: SettingRule[];
}

/** Ids start at 1. */
const NOBODY = 0;

/** Two selects, not one with OR, and a plus that keeps SQLite off the index: else it would read all the company's users. */
const AUDIENCE = `WITH asked (n, booking_id, company_id, former_id, given_id, initiator_id) AS ({asked}),
found AS (
  SELECT n, b.company_id, b.client_id, b.specialist_id, former_id, given_id, initiator_id
  FROM asked JOIN bookings b ON b.id = booking_id AND b.company_id = asked.company_id
)
SELECT n, client_id, specialist_id, u.id, u.role, u.tg_id, u.telegram_unreachable
FROM found JOIN users u
  ON u.id IN (client_id, specialist_id, former_id, given_id, initiator_id) AND +u.company_id = found.company_id
UNION
SELECT n, client_id, specialist_id, u.id, u.role, u.tg_id, u.telegram_unreachable
FROM found JOIN users u ON u.company_id = found.company_id AND u.role = 'admin'
ORDER BY 1, 4`;

interface AudienceRow extends Person {
  n: number;
  client_id: number;
  specialist_id: number;
}

const SETTINGS = `WITH asked (n, company_id, event_type) AS ({asked})
SELECT n, s.event_type, s.recipient_role, s.channel, s.enabled, s.ad_template_id
FROM asked JOIN notification_settings s ON s.company_id = asked.company_id AND s.event_type = asked.event_type`;

type SettingRow = { n: number; enabled: StoredBoolean } & Omit<SettingRule, 'enabled'>;

/** Null when the company has no such booking. Questions of one tick share their statements. */
export function createAudienceReader(
  database: Database,
): (event: SelectionEvent & Pick<BookingEvent, 'company_id' | 'booking_id'>) => Promise<BookingAudience | null> {
  type Ask = Parameters<ReturnType<typeof createAudienceReader>>[0];
  const usersOf = createBatchedSelect<Ask, AudienceRow>({
    database,
    sql: AUDIENCE,
    columns: 5,
    valuesOf: ({ booking_id, company_id, change, initiated_by }) => [
      booking_id,
      company_id,
      change?.from?.specialist_id ?? NOBODY,
      change?.to.specialist_id ?? NOBODY,
      initiated_by.user_id ?? NOBODY,
    ],
  });
  const settingsOf = createBatchedSelect<Ask, SettingRow>({
    database,
    sql: SETTINGS,
    columns: 2,
    valuesOf: ({ company_id, type }) => [company_id, type],
  });

  return async (event) => {
    const [users, settings] = await Promise.all([usersOf(event), settingsOf(event)]);
    const [booking] = users; // its client at least: the booking refers to them
    if (!booking) return null;
    return {
      booking: { client_id: booking.client_id, specialist_id: booking.specialist_id },
      users: users.map(({ id, role, tg_id, telegram_unreachable }) => ({ id, role, tg_id, telegram_unreachable })),
      settings: settings.map(ruleOf),
    };
  };
}

/** All that a message to one person needs, as it stands now. */
export interface DeliveryFacts {
  booking: BookingFacts;
  state: BookingSchedule & Confirmable & { status: BookingStatus; version: number; start_version: number };
  /** How the company asks clients whether they come; null for not at all. */
  ladder: StandingLadder | null;
  user: Pick<Person, 'role' | 'tg_id' | 'telegram_unreachable'> & {
    locale: Locale;
    ads_opt_out: boolean;
    quiet_hours: QuietHours;
    /** By which their quiet hours are. */
    time_zone: string;
  };
  /** The booking's, where the person's Telegram account belongs to users of other companies too; else null. */
  company_name: string | null;
  isClientErased: boolean;
  /** For the person's role. */
  settings: SettingRule[];
  /** Those of the settings. */
  adTemplates: Pick<AdTemplateRow, 'id' | 'content_tg' | 'active' | 'valid_until'>[];
  /** The booking's company's. */
  legal: AdMarking;
  /** What becomes of the booking's reminders; null where the event is none of those. */
  reminders: Omit<ReminderCase, 'now' | 'clocks'> | null;
}

/** One row for each setting, all of one moment; a single row without a setting where there is none. */
const FACTS = `WITH asked (n, booking_id, company_id, user_id, event_type, recipient_role) AS ({asked})
SELECT n, b.id, b.client_id, b.specialist_id, b.service_id, b.location_id, b.starts_at, b.duration_min, b.status, b.version,
  b.start_version, b.confirmed_starts_at, company.no_show_ladder,
  client.erased_at AS client_erased_at, client.name AS client_name, client.phone AS client_phone, specialist.name AS specialist_name,
  service.name AS service_name, location.name AS location_name, COALESCE(location.time_zone, company.time_zone) AS time_zone,
  u.role, u.tg_id, u.locale, u.telegram_unreachable, u.ads_opt_out,
  u.quiet_hours, COALESCE(u.time_zone, company.time_zone) AS user_time_zone,
  CASE WHEN EXISTS (SELECT 1 FROM users other WHERE other.tg_id = u.tg_id AND other.company_id <> u.company_id)
    THEN company.name END AS company_name,
  company.ad_advertiser, company.ad_marking_token,
  s.channel, s.enabled, s.ad_template_id, ad.content_tg, ad.active, ad.valid_until
FROM asked
JOIN bookings b ON b.id = booking_id AND b.company_id = asked.company_id
JOIN users u ON u.id = user_id AND u.company_id = b.company_id AND u.erased_at IS NULL
JOIN companies company ON company.id = b.company_id
JOIN users client ON client.id = b.client_id
JOIN users specialist ON specialist.id = b.specialist_id
JOIN services service ON service.id = b.service_id
LEFT JOIN locations location ON location.id = b.location_id
LEFT JOIN notification_settings s
  ON s.company_id = b.company_id AND s.event_type = asked.event_type AND s.recipient_role = asked.recipient_role
LEFT JOIN ad_templates ad ON ad.id = s.ad_template_id AND ad.company_id = b.company_id`;

interface FactsRow extends Omit<BookingFacts, 'starts_at'>, AdMarking {
  n: number;
  client_id: number;
  client_erased_at: StoredDate | null;
  starts_at: StoredDate;
  status: BookingStatus;
  version: number;
  start_version: number;
  confirmed_starts_at: StoredDate | null;
  no_show_ladder: string | null;
  role: RecipientRole;
  tg_id: number | null;
  locale: Locale;
  telegram_unreachable: string | null;
  ads_opt_out: StoredBoolean;
  quiet_hours: string;
  user_time_zone: string;
  company_name: string | null;
  channel: string | null;
  enabled: StoredBoolean | null;
  ad_template_id: number | null;
  content_tg: string | null;
  active: StoredBoolean | null;
  valid_until: StoredDate | null;
}

interface FactsAsk {
  event: Pick<BookingEvent, 'company_id' | 'booking_id' | 'type' | 'offset'>;
  userId: number;
  role: RecipientRole;
}

/** Null when the person, or the booking, is gone or erased. Questions of one tick share a statement that begins after them. */
export function createDeliveryFactsReader(
  database: Pick<Database, 'read'>,
): (event: FactsAsk['event'], recipient: Omit<FactsAsk, 'event'>) => Promise<DeliveryFacts | null> {
  const rowsOf = createBatchedSelect<FactsAsk, FactsRow>({
    database,
    sql: FACTS,
    columns: 5,
    valuesOf: ({ event, userId, role }) => [event.booking_id, event.company_id, userId, event.type, role],
  });
  const remindersOf = createReminderReader(database);

  return async (event, { userId, role }) => {
    const [rows, reminders] = await Promise.all([
      rowsOf({ event, userId, role }),
      event.type === 'booking_reminder' && event.offset !== undefined ? remindersOf(event.booking_id) : null,
    ]);
    const [row] = rows;
    if (!row) return null;
    const { company_name, ad_advertiser, ad_marking_token } = row;
    return {
      ...bookingOf(row),
      user: userOf(row),
      company_name,
      isClientErased: row.client_erased_at !== null,
      ladder: decodeLadder(row.no_show_ladder),
      settings: rows.flatMap((each) => settingOf(each, event.type, role) ?? []),
      adTemplates: rows.flatMap((each) => adTemplateOf(each) ?? []),
      legal: { ad_advertiser, ad_marking_token },
      reminders,
    };
  };
}

const ruleOf = ({ event_type, recipient_role, channel, enabled, ad_template_id }: SettingRow): SettingRule => ({
  event_type,
  recipient_role,
  channel,
  enabled: booleanOf(enabled),
  ad_template_id,
});

function userOf({ role, tg_id, locale, telegram_unreachable, ...row }: FactsRow): DeliveryFacts['user'] {
  return {
    ...{ role, tg_id, locale, telegram_unreachable, ads_opt_out: booleanOf(row.ads_opt_out) },
    ...{ quiet_hours: decodeQuietHours(row.quiet_hours), time_zone: row.user_time_zone },
  };
}

function bookingOf(row: FactsRow): Pick<DeliveryFacts, 'booking' | 'state'> {
  const { id, duration_min, specialist_id, service_id, location_id, time_zone } = row;
  const { status, version, start_version } = row;
  const { client_name, client_phone, specialist_name, service_name, location_name } = row;
  const starts_at = dateOf(row.starts_at);
  const people = { client_name, client_phone, specialist_id, specialist_name };
  return {
    booking: {
      ...{ id, location_id, location_name, service_id, service_name },
      ...people,
      ...{ duration_min, starts_at, time_zone },
    },
    state: {
      ...{ starts_at, specialist_id, service_id, location_id, duration_min },
      ...{ status, version, start_version, confirmed_starts_at: dateOrNull(row.confirmed_starts_at) },
    },
  };
}

function settingOf(row: FactsRow, event_type: BookingEventType, recipient_role: RecipientRole): SettingRule | null {
  const { channel, enabled, ad_template_id } = row;
  if (channel === null || enabled === null) return null;
  return { event_type, recipient_role, channel, enabled: booleanOf(enabled), ad_template_id };
}

function adTemplateOf(row: FactsRow): DeliveryFacts['adTemplates'][number] | null {
  const { ad_template_id: id, content_tg, active, valid_until } = row;
  if (id === null || content_tg === null || active === null) return null;
  return { id, content_tg, active: booleanOf(active), valid_until: valid_until === null ? null : dateOf(valid_until) };
}
