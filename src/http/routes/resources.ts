import { z } from 'zod';
import { MAX_DURATION_MIN } from '../../bookings/booking-calendar.ts';
import { AdTemplate, Company, Location, NotificationSetting, Service, User } from '../../db/entities.ts';
import { lookAtRemindersOf } from '../../db/quiet-changes.ts';
import { askForPass, lookAtLocation } from '../../db/reminder-passes.ts';
import { DEFAULT_DAY_LIST_AT, dayListAtSchema } from '../../domain/day-lists.ts';
import { BOOKING_EVENT_TYPES, LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { DEFAULT_MERGE_MOVES_S, MAX_MERGE_MOVES_S } from '../../domain/move-windows.ts';
import { noShowLadderSchema } from '../../domain/no-show-ladder.ts';
import { DEFAULT_QUIET_HOURS, quietHoursSchema } from '../../domain/quiet-hours.ts';
import { DEFAULT_REMINDERS, remindersSchema } from '../../domain/reminder-offsets.ts';
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
import { keptLadder, refuseUnaskedLadder } from './company-rules.ts';
import { keptQuietHours } from './kept-quiet-hours.ts';
import { keptReminders } from './kept-reminders.ts';
import { refuseErased } from './people.ts';
import { type Columns, entityName, type Resource, type ResourceDeps, resourceRoutesOf } from './resource.ts';
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
const isOther = (column: string, before: Columns, changes: Columns): boolean =>
  column in changes && changes[column] !== (before[column] ?? null);

const companies: Resource = {
  path: '/v1/companies',
  entity: entityName(Company),
  columns: [
    ...['id', 'name', 'time_zone', 'ad_advertiser', 'ad_marking_token'],
    ...['reminders', 'no_show_ladder', 'merge_moves_s', 'day_list_at'],
    'created_at',
  ],
  ofCompany: false,
  scope: 'settings:write',
  fields: {
    name,
    time_zone: timeZone,
    ad_advertiser: text(ADVERTISER_MAX_LENGTH).nullable(),
    ad_marking_token: text(MARKING_TOKEN_MAX_LENGTH).nullable(),
    reminders: remindersSchema,
    no_show_ladder: noShowLadderSchema.nullable(),
    merge_moves_s: z.int().min(0).max(MAX_MERGE_MOVES_S),
    day_list_at: dayListAtSchema.nullable(),
  },
  defaults: {
    ...{ ad_advertiser: null, ad_marking_token: null, no_show_ladder: null },
    ...{ reminders: DEFAULT_REMINDERS, merge_moves_s: DEFAULT_MERGE_MOVES_S, day_list_at: DEFAULT_DAY_LIST_AT },
  },
  kept: { reminders: keptReminders, no_show_ladder: keptLadder },
  check: refuseUnaskedLadder,
  filters: { name: textFilter, time_zone: textFilter },
  stamp: createdAt,
  // Lists that were due before are not made up for; when the next are, the scheduler finds out.
  derive: (set, before, now) =>
    ['day_list_at', 'time_zone'].some((column) => column in set && set[column] !== before[column])
      ? { next_day_list_at: now, day_list_after: 0 }
      : {},
  async afterCreate(tx, company_id) {
    await tx.insertMany(
      NotificationSetting,
      DEFAULT_SETTINGS.map((setting) => ({ ...setting, company_id })),
    );
  },
  async afterChange(tx, before, changes) {
    if (['reminders', 'no_show_ladder', 'time_zone'].some((column) => isOther(column, before, changes)))
      await askForPass(tx, Number(before.id));
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
  async afterChange(tx, before, changes, now) {
    const location = { id: Number(before.id), company_id: Number(before.company_id) };
    if (isOther('time_zone', before, changes)) await lookAtLocation(tx, location, now);
  },
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
    'time_zone',
    'quiet_hours',
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
    time_zone: timeZone.nullable(),
    quiet_hours: quietHoursSchema,
    ads_opt_out: z.boolean(),
  },
  defaults: {
    ...{ external_id: null, phone: null, tg_id: null, locale: 'ru', ads_opt_out: false },
    ...{ time_zone: null, quiet_hours: DEFAULT_QUIET_HOURS },
  },
  kept: { quiet_hours: keptQuietHours },
  filters: {
    company_id: idText,
    external_id: textFilter,
    role: z.enum(RECIPIENT_ROLES),
    name: textFilter,
    phone: textFilter,
    tg_id: tgIdText,
    locale: z.enum(LOCALES),
    time_zone: textFilter,
    ads_opt_out: booleanText,
    telegram_unreachable: textFilter,
    web_push_unreachable: textFilter,
  },
  stamp: createdAt,
  beforeChange: refuseErased,
  async afterChange(tx, before, changes, now) {
    const user = { id: Number(before.id), company_id: Number(before.company_id) };
    if (isOther('quiet_hours', before, changes) || isOther('time_zone', before, changes))
      await lookAtRemindersOf(tx, user, now);
  },
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
