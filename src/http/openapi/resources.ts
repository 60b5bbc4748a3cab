import { z } from 'zod';
import { LOCALES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { MAX_MERGE_MOVES_S } from '../../domain/move-windows.ts';
import { crudOperations } from './crud.ts';
import type { Area } from './operation.ts';
import { noShowLadder, reminderOffset } from './reminders.ts';
import { matrix, matrixOperations, setting } from './settings.ts';
import { id, instant, NOW } from './shapes.ts';

const company = z.strictObject({
  id,
  name: z.string(),
  time_zone: z.string().meta({ description: 'IANA name' }),
  ad_advertiser: z.string().nullable(),
  ad_marking_token: z.string().nullable(),
  reminders: z.array(reminderOffset).meta({ description: 'When people are reminded of a booking' }),
  merge_moves_s: z.int().min(0).max(MAX_MERGE_MOVES_S).meta({
    description: 'Seconds after a move was told in which further moves of the booking wait to be told in one',
  }),
  day_list_at: z.string().nullable().meta({ description: "When specialists get their day's list; null for never" }),
  no_show_ladder: noShowLadder.nullable().meta({ description: 'How clients are asked whether they come' }),
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
const quietSpan = z.strictObject({ from: z.string(), to: z.string() }).nullable();
export const user = z.strictObject({
  id,
  external_id: z.string().nullable(),
  company_id: id,
  role: z.enum(RECIPIENT_ROLES),
  name: z.string(),
  phone: z.string().nullable(),
  tg_id: z.int().nullable(),
  locale: z.enum(LOCALES),
  time_zone: z.string().nullable().meta({ description: "IANA name; null for the company's" }),
  quiet_hours: z
    .strictObject({ broadcasts: quietSpan, messages: quietSpan })
    .meta({ description: 'When ads wait, and when messages come without a sound' }),
  ads_opt_out: z.boolean(),
  telegram_unreachable: z.string().nullable().meta({ description: 'Null while Telegram reaches them, else why not' }),
  web_push_unreachable: z.string().nullable(),
  created_at: instant,
  erased_at: instant.nullable(),
});

const COMPANY_NOTES =
  'It gets its fifteen notification settings. `reminders` holds minutes before the start (1–43,200) and times on the evening before, by the clock of the venue; ten at most. `no_show_ladder` names one of them, which asks the client to confirm, and the minutes after which ' +
  'a client who has not is reminded by Web Push and called by the admins; each may be null. It is given as a whole. With `merge_moves_s: 0` every move of a booking is told at once. ' +
  "At `day_list_at`, a time by the company's clock, each specialist gets the list of their day.";
const salon = { name: 'Салон', time_zone: 'Europe/Moscow' };
const evenings = [{ evening_before: '19:00' }, 90];
const centre = { company_id: 1, name: 'Центр' };
const asleep = { time_zone: 'Asia/Tokyo', quiet_hours: { messages: { from: '23:00', to: '07:00' } } };
const USER_NOTES =
  'Setting `tg_id` makes the user reachable over Telegram. In their quiet hours, by the clock of `time_zone` or of the company, broadcasts wait ' +
  'and messages about bookings make no sound; null switches them off, and a kind that is not named stays as it is.';
const haircut = { company_id: 1, name: 'Стрижка', duration_min: 60 };
const client = { company_id: 1, role: 'client', name: 'Иван Петров', phone: '+7 999 123-45-67', external_id: 'crm-15' };

export const userExample = {
  ...{ id: 1, ...client, tg_id: null, locale: 'ru', ads_opt_out: false },
  ...{ time_zone: null, quiet_hours: { broadcasts: { from: '22:00', to: '08:00' }, messages: null } },
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
      notes: COMPANY_NOTES,
      bodies: {
        salon,
        studio: {
          ...salon,
          name: 'Студия',
          ad_advertiser: 'ООО «Студия»',
          ad_marking_token: '2Vtz',
          reminders: evenings,
          merge_moves_s: 30,
          day_list_at: '07:30',
          no_show_ladder: { ask: { evening_before: '19:00' }, push_after_min: 60, call_after_min: null },
        },
      },
      example: {
        id: 1,
        ...salon,
        ad_advertiser: null,
        ad_marking_token: null,
        reminders: [1440, 120],
        merge_moves_s: 5,
        day_list_at: '08:00',
        no_show_ladder: null,
        created_at: NOW,
      },
      change: { ad_advertiser: 'ООО «Салон»', reminders: evenings, day_list_at: null },
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
    notes: USER_NOTES,
    bodies: {
      client,
      specialist: { company_id: 1, role: 'specialist', name: 'Анна', tg_id: 42 },
      admin: { company_id: 1, role: 'admin', name: 'Ольга', tg_id: 43, locale: 'en' },
      quiet: { company_id: 1, role: 'client', name: 'Пётр', ads_opt_out: true, ...asleep },
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
      example: { id: 31, ...pushOff, enabled: false, ad_template_id: null },
      change: { enabled: true },
      isUnique: true,
      spare: 31,
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
