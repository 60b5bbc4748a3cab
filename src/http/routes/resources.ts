import { z } from 'zod';
import { MAX_DURATION_MIN } from '../../bookings/booking-calendar.ts';
import { AdTemplate, Company, Location, NotificationSetting, Service, User } from '../../db/entities.ts';
import { BOOKING_EVENT_TYPES, LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { isTimeZone } from '../../domain/time-zone.ts';
import { checkAdHtml } from '../../messages/check-html.ts';
import {
  booleanText,
  externalId,
  HTML_SOURCE_MAX_LENGTH,
  idText,
  instant,
  minutesText,
  telegramHtml,
  text,
  textFilter,
  textUpTo,
} from '../fields.ts';
import type { Route } from '../route.ts';
import { refuseErased } from './people.ts';
import { entityName, type Resource, type ResourceDeps, resourceRoutesOf } from './resource.ts';
import { settingFields } from './setting-fields.ts';
import { refuseUsedTemplate } from './used-template.ts';

const NAME_MAX_LENGTH = 5_000;
const ADVERTISER_MAX_LENGTH = 128;
const MARKING_TOKEN_MAX_LENGTH = 64;
/** Telegram's user ids fit 52 bits (Bot API, User). */
const TG_ID_MAX = 2 ** 52;

const name = text(NAME_MAX_LENGTH);
/** As the caller writes it; empty where none is known. */
const phone = textUpTo(32);
const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/Moscow');
const tgId = z.int().min(1).max(TG_ID_MAX);
/** A group of admins is a user too, and its id is negative. */
const tgIdText = z
  .string()
  .regex(/^-?[1-9]\d{0,15}$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int().min(-TG_ID_MAX).max(TG_ID_MAX))
  .meta({ type: 'integer', minimum: -TG_ID_MAX, maximum: TG_ID_MAX });
const createdAt = (now: Date) => ({ created_at: now });

const companies: Resource = {
  path: '/v1/companies',
  entity: entityName(Company),
  columns: ['id', 'name', 'time_zone', 'ad_advertiser', 'ad_marking_token', 'created_at'],
  ofCompany: false,
  scope: 'settings:write',
  fields: {
    name,
    time_zone: timeZone,
    ad_advertiser: text(ADVERTISER_MAX_LENGTH).nullable(),
    ad_marking_token: text(MARKING_TOKEN_MAX_LENGTH).nullable(),
  },
  defaults: { ad_advertiser: null, ad_marking_token: null },
  filters: { name: textFilter, time_zone: textFilter },
  stamp: createdAt,
  async afterCreate(tx, company_id) {
    await tx.insertMany(
      NotificationSetting,
      DEFAULT_SETTINGS.map((setting) => ({ ...setting, company_id })),
    );
  },
};

const locations: Resource = {
  path: '/v1/locations',
  entity: entityName(Location),
  columns: ['id', 'company_id', 'name', 'time_zone', 'created_at'],
  ofCompany: true,
  scope: 'settings:write',
  fields: { name, time_zone: timeZone.nullable() },
  defaults: { time_zone: null },
  filters: { company_id: idText, name: textFilter, time_zone: textFilter },
  stamp: createdAt,
};

const services: Resource = {
  path: '/v1/services',
  entity: entityName(Service),
  columns: ['id', 'external_id', 'company_id', 'name', 'duration_min', 'created_at'],
  ofCompany: true,
  scope: 'settings:write',
  fields: { external_id: externalId.nullable(), name, duration_min: z.int().min(1).max(MAX_DURATION_MIN) },
  defaults: { external_id: null },
  filters: { company_id: idText, external_id: textFilter, name: textFilter, duration_min: minutesText },
  stamp: createdAt,
};

const users: Resource = {
  path: '/v1/users',
  entity: entityName(User),
  columns: [
    'id',
    'external_id',
    'company_id',
    'role',
    'name',
    'phone',
    'tg_id',
    'locale',
    'ads_opt_out',
    'telegram_unreachable',
    'web_push_unreachable',
    'created_at',
    'erased_at',
  ],
  ofCompany: true,
  scope: 'people:write',
  fields: {
    external_id: externalId.nullable(),
    role: z.enum(RECIPIENT_ROLES),
    name,
    phone: phone.nullable(),
    tg_id: tgId.nullable(),
    locale: z.enum(LOCALES),
    ads_opt_out: z.boolean(),
  },
  defaults: { external_id: null, phone: null, tg_id: null, locale: 'ru', ads_opt_out: false },
  filters: {
    company_id: idText,
    external_id: textFilter,
    role: z.enum(RECIPIENT_ROLES),
    name: textFilter,
    phone: textFilter,
    tg_id: tgIdText,
    locale: z.enum(LOCALES),
    ads_opt_out: booleanText,
    telegram_unreachable: textFilter,
    web_push_unreachable: textFilter,
  },
  stamp: createdAt,
  beforeChange: refuseErased,
  // Whoever sets a Telegram account says that it can be reached.
  derive: (set) => ('tg_id' in set ? { telegram_unreachable: null } : {}),
};

const notificationSettings: Resource = {
  path: '/v1/notification-settings',
  entity: entityName(NotificationSetting),
  columns: ['id', 'event_type', 'recipient_role', 'channel', 'enabled', 'ad_template_id', 'company_id'],
  ofCompany: true,
  scope: 'settings:write',
  fields: settingFields,
  defaults: { channel: 'all', enabled: true, ad_template_id: null },
  filters: {
    company_id: idText,
    event_type: z.enum(BOOKING_EVENT_TYPES),
    recipient_role: z.enum(RECIPIENT_ROLES),
    channel: settingFields.channel,
    enabled: booleanText,
    ad_template_id: idText,
  },
  references: { ad_template_id: entityName(AdTemplate) },
};

const adTemplates: Resource = {
  path: '/v1/ad-templates',
  entity: entityName(AdTemplate),
  columns: ['id', 'name', 'content_tg', 'content_html', 'active', 'valid_until', 'company_id'],
  ofCompany: true,
  scope: 'settings:write',
  fields: {
    name,
    content_tg: telegramHtml(checkAdHtml),
    content_html: text(HTML_SOURCE_MAX_LENGTH).nullable(),
    active: z.boolean(),
    valid_until: instant.nullable(),
  },
  defaults: { content_html: null, active: true, valid_until: null },
  filters: { company_id: idText, name: textFilter, active: booleanText },
  beforeDelete: refuseUsedTemplate,
};

const RESOURCES = [companies, locations, services, users, notificationSettings, adTemplates];

export function resourceRoutes(deps: ResourceDeps): Route[] {
  return RESOURCES.flatMap((resource) => resourceRoutesOf(resource, deps));
}
