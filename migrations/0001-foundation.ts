import { Migration } from '@mikro-orm/migrations';
import { type ColumnWords, columnWords } from './dialect.ts';

/**
 * Foreign keys that guard history (bookings, ad templates in use) say NO ACTION rather than RESTRICT: both refuse
 * the delete, but NO ACTION looks at the end of the statement, so that a company without bookings can go with its
 * users, settings and templates in one cascade. The outbox and the delivery log have none: an event is settled and
 * logged even when the person it was for has been deleted meanwhile.
 */
export class Foundation extends Migration {
  override up(): void {
    const words = columnWords(this.driver.getPlatform().constructor.name);
    for (const statement of [
      ...companies(words),
      ...users(words),
      ...bookings(words),
      ...settings(words),
      ...log(words),
    ])
      this.addSql(statement);
  }
}

const companies = ({ id, datetime }: ColumnWords): string[] => [
  `CREATE TABLE companies (
    id ${id},
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_at ${datetime} NOT NULL
  )`,
  `CREATE TABLE locations (
    id ${id},
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    time_zone TEXT,
    created_at ${datetime} NOT NULL
  )`,
  'CREATE INDEX locations_company ON locations (company_id)',
  `CREATE TABLE services (
    id ${id},
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    external_id TEXT,
    name TEXT NOT NULL,
    duration_min INTEGER NOT NULL,
    created_at ${datetime} NOT NULL,
    CONSTRAINT services_duration_min_check CHECK (duration_min > 0)
  )`,
  'CREATE INDEX services_company ON services (company_id)',
  'CREATE UNIQUE INDEX services_external_id ON services (company_id, external_id) WHERE external_id IS NOT NULL',
];

const users = ({ id, bigint, boolean, datetime, no }: ColumnWords): string[] => [
  `CREATE TABLE users (
    id ${id},
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    external_id TEXT,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT,
    tg_id ${bigint},
    locale TEXT NOT NULL DEFAULT 'ru',
    ads_opt_out ${boolean} NOT NULL DEFAULT ${no},
    telegram_unreachable TEXT,
    web_push_unreachable TEXT,
    created_at ${datetime} NOT NULL,
    CONSTRAINT users_role_check CHECK (role IN ('admin', 'specialist', 'client')),
    CONSTRAINT users_locale_check CHECK (locale IN ('ru', 'en'))
  )`,
  'CREATE INDEX users_company_role ON users (company_id, role, id)',
  'CREATE INDEX users_tg_id ON users (tg_id) WHERE tg_id IS NOT NULL',
  'CREATE UNIQUE INDEX users_external_id ON users (company_id, external_id) WHERE external_id IS NOT NULL',
  `CREATE TABLE push_subscriptions (
    id ${id},
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    vapid_key TEXT NOT NULL,
    created_at ${datetime} NOT NULL,
    CONSTRAINT push_subscriptions_endpoint_unique UNIQUE (endpoint)
  )`,
  'CREATE INDEX push_subscriptions_user ON push_subscriptions (user_id)',
  'CREATE INDEX push_subscriptions_company ON push_subscriptions (company_id)',
];

/** Every referencing column leads an index: without it, deleting one user or service reads all bookings. */
const bookings = ({ id, datetime }: ColumnWords): string[] => [
  `CREATE TABLE bookings (
    id ${id},
    external_id TEXT,
    company_id INTEGER NOT NULL REFERENCES companies (id),
    client_id INTEGER NOT NULL REFERENCES users (id),
    specialist_id INTEGER NOT NULL REFERENCES users (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    location_id INTEGER REFERENCES locations (id),
    starts_at ${datetime} NOT NULL,
    ends_at ${datetime} NOT NULL,
    duration_min INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'created',
    version INTEGER NOT NULL DEFAULT 1,
    created_at ${datetime} NOT NULL,
    updated_at ${datetime} NOT NULL,
    CONSTRAINT bookings_status_check CHECK (status IN ('created', 'cancelled', 'completed', 'no_show')),
    CONSTRAINT bookings_duration_min_check CHECK (duration_min > 0),
    CONSTRAINT bookings_ends_at_check CHECK (ends_at > starts_at),
    CONSTRAINT bookings_version_check CHECK (version > 0)
  )`,
  `CREATE INDEX bookings_overlap ON bookings (specialist_id, starts_at, ends_at) WHERE status = 'created'`,
  'CREATE INDEX bookings_company ON bookings (company_id, starts_at)',
  'CREATE INDEX bookings_client ON bookings (client_id, starts_at)',
  'CREATE INDEX bookings_specialist ON bookings (specialist_id)',
  'CREATE INDEX bookings_service ON bookings (service_id)',
  'CREATE INDEX bookings_location ON bookings (location_id) WHERE location_id IS NOT NULL',
  'CREATE UNIQUE INDEX bookings_external_id ON bookings (company_id, external_id) WHERE external_id IS NOT NULL',
];

const settings = ({ id, boolean, datetime, yes }: ColumnWords): string[] => [
  `CREATE TABLE ad_templates (
    id ${id},
    name TEXT NOT NULL,
    content_tg TEXT NOT NULL,
    content_html TEXT,
    active ${boolean} NOT NULL DEFAULT ${yes},
    valid_until ${datetime},
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE
  )`,
  'CREATE INDEX ad_templates_company ON ad_templates (company_id)',
  `CREATE TABLE notification_settings (
    id ${id},
    event_type TEXT NOT NULL,
    recipient_role TEXT NOT NULL,
    channel TEXT NOT NULL DEFAULT 'all',
    enabled ${boolean} NOT NULL DEFAULT ${yes},
    ad_template_id INTEGER REFERENCES ad_templates (id),
    company_id INTEGER NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    CONSTRAINT notification_settings_unique UNIQUE (event_type, recipient_role, channel, company_id)
  )`,
  'CREATE INDEX notification_settings_company ON notification_settings (company_id, event_type)',
  'CREATE INDEX notification_settings_ad_template ON notification_settings (ad_template_id) WHERE ad_template_id IS NOT NULL',
];

const log = ({ bigId, bigint, datetime }: ColumnWords): string[] => [
  `CREATE TABLE outbox (
    id ${bigId},
    company_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    created_at ${datetime} NOT NULL,
    CONSTRAINT outbox_event_unique UNIQUE (company_id, event_id)
  )`,
  `CREATE TABLE deliveries (
    id ${bigId},
    company_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    booking_id INTEGER,
    user_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    channel TEXT,
    status TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL,
    chat_id ${bigint},
    message_id INTEGER,
    finished_at ${datetime} NOT NULL,
    CONSTRAINT deliveries_recipient_unique UNIQUE (company_id, event_id, user_id),
    CONSTRAINT deliveries_status_check CHECK (status IN ('delivered', 'suppressed', 'dead'))
  )`,
  'CREATE INDEX deliveries_finished_at ON deliveries (finished_at)',
  `CREATE TABLE idempotency_keys (
    id ${bigId},
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at ${datetime} NOT NULL,
    CONSTRAINT idempotency_keys_unique UNIQUE (scope, key)
  )`,
  'CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)',
];
