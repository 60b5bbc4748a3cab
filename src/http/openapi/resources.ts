import { z } from 'zod';
import { LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { crudOperations } from './crud.ts';
import type { Area } from './operation.ts';
import { matrix, matrixOperations, setting } from './settings.ts';
import { id, instant, NOW } from './shapes.ts';

const company = z.strictObject({
  id,
  name: z.string(),
  time_zone: z.string().meta({ description: 'IANA name' }),
  ad_advertiser: z.string().nullable(),
  ad_marking_token: z.string().nullable(),
  created_at: instant,
});
const location = z.strictObject({
  id,
  company_id: id,
  name: z.string(),
  time_zone: z.string().nullable(),
  created_at: instant,
});
const service = z.strictObject({
  id,
  external_id: z.string().nullable(),
  company_id: id,
  name: z.string(),
  duration_min: z.int().min(1),
  created_at: instant,
});
export const user = z.strictObject({
  id,
  external_id: z.string().nullable(),
  company_id: id,
  role: z.enum(RECIPIENT_ROLES),
  name: z.string(),
  phone: z.string().nullable(),
  tg_id: z.int().nullable(),
  locale: z.enum(LOCALES),
  ads_opt_out: z.boolean(),
  telegram_unreachable: z.string().nullable().meta({ description: 'Null while Telegram reaches them, else why not' }),
  web_push_unreachable: z.string().nullable(),
  created_at: instant,
  erased_at: instant.nullable(),
});

const salon = { name: 'Салон', time_zone: 'Europe/Moscow' };
const centre = { company_id: 1, name: 'Центр' };
const haircut = { company_id: 1, name: 'Стрижка', duration_min: 60 };
const client = { company_id: 1, role: 'client', name: 'Иван Петров', phone: '+7 999 123-45-67', external_id: 'crm-15' };

export const userExample = {
  ...{ id: 1, ...client, tg_id: null, locale: 'ru', ads_opt_out: false },
  ...{ telegram_unreachable: null, web_push_unreachable: null, created_at: NOW, erased_at: null },
};

export const companies: Area = {
  name: 'Companies',
  description: 'A company, where it works, and what it offers.',
  schemas: { Company: company, Location: location, Service: service },
  operations: {
    ...crudOperations({
      path: '/v1/companies',
      schema: 'Company',
      one: 'a company',
      many: 'companies',
      item: company,
      notes: 'It gets its twelve notification settings.',
      bodies: { salon, studio: { ...salon, name: 'Студия', ad_advertiser: 'ООО «Студия»', ad_marking_token: '2Vtz' } },
      example: { id: 1, ...salon, ad_advertiser: null, ad_marking_token: null, created_at: NOW },
      change: { ad_advertiser: 'ООО «Салон»' },
      query: { time_zone: 'Europe/Moscow' },
      spare: 2,
    }),
    ...crudOperations({
      path: '/v1/locations',
      schema: 'Location',
      one: 'a location',
      many: 'locations',
      item: location,
      notes: 'Its zone, where set, is the one that people read.',
      bodies: { centre, far: { ...centre, name: 'Екатеринбург', time_zone: 'Asia/Yekaterinburg' } },
      example: { id: 1, ...centre, time_zone: null, created_at: NOW },
      change: { name: 'Центр, 2 этаж' },
      spare: 2,
    }),
    ...crudOperations({
      path: '/v1/services',
      schema: 'Service',
      one: 'a service',
      many: 'services',
      item: service,
      bodies: { haircut, shave: { ...haircut, name: 'Бритьё', duration_min: 30, external_id: 'crm-s2' } },
      example: { id: 1, external_id: null, ...haircut, created_at: NOW },
      change: { duration_min: 75 },
      isUnique: true,
      spare: 2,
    }),
  },
};

export const users: Area = {
  name: 'People',
  description: 'Clients, specialists and admins of a company.',
  schemas: { User: user },
  operations: crudOperations({
    path: '/v1/users',
    schema: 'User',
    one: 'a user',
    many: 'users',
    item: user,
    notes: 'Setting `tg_id` makes the user reachable over Telegram.',
    bodies: {
      client,
      specialist: { company_id: 1, role: 'specialist', name: 'Анна', tg_id: 42 },
      admin: { company_id: 1, role: 'admin', name: 'Ольга', tg_id: 43, locale: 'en' },
      quiet: { company_id: 1, role: 'client', name: 'Пётр', ads_opt_out: true },
    },
    example: userExample,
    changeProblems: ['user_erased'],
    change: { tg_id: 77 },
    query: { company_id: 1, role: 'client' },
    isUnique: true,
    spare: 4,
  }),
};

const adTemplate = z.strictObject({
  id,
  name: z.string(),
  content_tg: z.string(),
  content_html: z.string().nullable(),
  active: z.boolean(),
  valid_until: instant.nullable(),
  company_id: id,
});

const pushOff = { company_id: 1, event_type: 'booking_created', recipient_role: 'admin', channel: 'web_push' };
const winter = { company_id: 1, name: 'Зима', content_tg: '<b>−20 %</b> на стрижку' };

export const settings: Area = {
  name: 'Settings',
  description: 'Who hears what, over which channel, and with which ad.',
  schemas: { NotificationSetting: setting, NotificationMatrix: matrix, AdTemplate: adTemplate },
  operations: {
    ...matrixOperations,
    ...crudOperations({
      path: '/v1/notification-settings',
      schema: 'NotificationSetting',
      one: 'a notification setting',
      many: 'notification settings',
      item: setting,
      notes: 'A row for `telegram` or `web_push` beats the row for `all`; no row means off.',
      bodies: { push_off: { ...pushOff, enabled: false } },
      example: { id: 25, ...pushOff, enabled: false, ad_template_id: null },
      change: { enabled: true },
      isUnique: true,
      spare: 25,
      nothingRefersToIt: true,
    }),
    ...crudOperations({
      path: '/v1/ad-templates',
      schema: 'AdTemplate',
      one: 'an ad template',
      many: 'ad templates',
      item: adTemplate,
      notes: '`content_tg` is Telegram HTML, checked as Telegram checks it; `content_html` is for the booking page.',
      bodies: { winter, dated: { ...winter, name: 'Осень', valid_until: '2026-12-01T00:00:00+03:00' } },
      example: { id: 1, ...winter, content_html: null, active: true, valid_until: null },
      change: { active: false },
      spare: 2,
    }),
  },
};
