import type { SqlEntityManager } from '@mikro-orm/better-sqlite';
import type { BookingStatus, Confirmable } from '../domain/bookings.ts';
import type { BookingEventType, Locale, RecipientRole } from '../domain/events.ts';
import type { StandingLadder } from '../domain/no-show-ladder.ts';
import type { SettingRule } from '../domain/settings.ts';
import type { AdMarking } from '../messages/legal-line.ts';
import { decodeLadder } from './no-show-ladder.ts';
import { booleanOf, dateOf, dateOrNull, type StoredBoolean, type StoredDate } from './stored-values.ts';

/** What the page of a booking shows, and who looks at it. */
export interface BookingPageFacts extends AdMarking, Confirmable {
  id: number;
  company_id: number;
  client_id: number;
  specialist_id: number;
  /** Under which what was decided of the start is written down. */
  start_version: number;
  ends_at: Date;
  duration_min: number;
  status: BookingStatus;
  version: number;
  updated_at: Date;
  company_name: string;
  service_name: string;
  specialist_name: string;
  client_name: string;
  client_phone: string | null;
  location_name: string | null;
  /** The venue's IANA zone: the location's, else the company's. */
  time_zone: string;
  /** How the company asks clients whether they come; null for not at all. */
  ladder: StandingLadder | null;
  reader: { id: number; role: RecipientRole; locale: Locale; ads_opt_out: boolean };
}

const FACTS = `SELECT b.id, b.company_id, b.client_id, b.specialist_id, b.starts_at, b.ends_at, b.duration_min, b.status,
  b.version, b.start_version, b.confirmed_starts_at, b.updated_at, co.no_show_ladder, co.name AS company_name, s.name AS service_name, sp.name AS specialist_name,
  c.name AS client_name, c.phone AS client_phone, l.name AS location_name,
  COALESCE(l.time_zone, co.time_zone) AS time_zone, co.ad_advertiser, co.ad_marking_token,
  u.id AS reader_id, u.role AS reader_role, u.locale AS reader_locale, u.ads_opt_out AS reader_ads_opt_out
FROM bookings b
JOIN companies co ON co.id = b.company_id
JOIN services s ON s.id = b.service_id
JOIN users sp ON sp.id = b.specialist_id
JOIN users c ON c.id = b.client_id
LEFT JOIN locations l ON l.id = b.location_id
JOIN users u ON u.id = ? AND u.company_id = b.company_id AND u.erased_at IS NULL
WHERE b.id = ? AND b.company_id = ?`;

type DateColumn = 'starts_at' | 'ends_at' | 'updated_at';
type FactsRow = Omit<BookingPageFacts, DateColumn | 'confirmed_starts_at' | 'reader' | 'ladder'> &
  Record<DateColumn, StoredDate> & {
    confirmed_starts_at: StoredDate | null;
    no_show_ladder: string | null;
    reader_id: number;
    reader_role: RecipientRole;
    reader_locale: Locale;
    reader_ads_opt_out: StoredBoolean;
  };

/** Null when the booking or the reader is gone, or they are of different companies. */
export async function findBookingPage(
  em: SqlEntityManager,
  { booking_id, user_id, company_id }: { booking_id: number; user_id: number; company_id: number },
): Promise<BookingPageFacts | null> {
  const [row] = await em.execute<FactsRow[]>(FACTS, [user_id, booking_id, company_id]);
  if (!row) return null;
  const { reader_id: id, reader_role: role, reader_locale: locale, reader_ads_opt_out, no_show_ladder, ...facts } = row;
  const dates = {
    starts_at: dateOf(row.starts_at),
    ends_at: dateOf(row.ends_at),
    updated_at: dateOf(row.updated_at),
    confirmed_starts_at: dateOrNull(row.confirmed_starts_at),
  };
  const ladder = decodeLadder(no_show_ladder);
  return { ...facts, ...dates, ladder, reader: { id, role, locale, ads_opt_out: booleanOf(reader_ads_opt_out) } };
}

const ADS = `SELECT s.channel, s.enabled, s.ad_template_id, a.content_html, a.active, a.valid_until
FROM notification_settings s LEFT JOIN ad_templates a ON a.id = s.ad_template_id
WHERE s.company_id = ? AND s.event_type = ? AND s.recipient_role = ?`;

interface AdRow {
  channel: string;
  enabled: StoredBoolean;
  ad_template_id: number | null;
  content_html: string | null;
  active: StoredBoolean | null;
  valid_until: StoredDate | null;
}

export type PageSetting = SettingRule & {
  ad: { content_html: string | null; active: boolean; valid_until: Date | null } | null;
};

/** The company's settings for an event and a role, each with its ad. */
export async function findPageSettings(
  em: SqlEntityManager,
  key: { company_id: number; event_type: BookingEventType; recipient_role: RecipientRole },
): Promise<PageSetting[]> {
  const { company_id, event_type, recipient_role } = key;
  const rows = await em.execute<AdRow[]>(ADS, [company_id, event_type, recipient_role]);
  return rows.map(({ channel, enabled, ad_template_id, content_html, active, valid_until }) => ({
    ...{ event_type, recipient_role, channel, ad_template_id },
    enabled: booleanOf(enabled),
    ad:
      active === null
        ? null
        : { content_html, active: booleanOf(active), valid_until: valid_until === null ? null : dateOf(valid_until) },
  }));
}
