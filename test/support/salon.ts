import assert from 'node:assert/strict';
import { parseTelegramHtml } from '#src/messages/telegram-html.ts';
import { AWAKE } from './awake.ts';
import type { Vestnik } from './vestnik.ts';

/** A salon in Moscow with everybody of the recipients table in it; tg_id = 1000 + position. */
export interface Salon {
  companyId: number;
  locationId: number;
  serviceId: number;
  people: Record<Person, { id: number; chat: number }>;
  /** Books Ivan with Anna; `hour` keeps bookings apart. */
  book(by: Person | null, change?: Record<string, unknown>): Promise<{ id: number; version: number }>;
}

export type Person = 'client' | 'specialist' | 'other_specialist' | 'admin' | 'other_admin';

const PEOPLE: Record<Person, { role: string; name: string; phone?: string; locale?: string }> = {
  client: { role: 'client', name: 'Иван Петров', phone: '+7 999 123-45-67' },
  specialist: { role: 'specialist', name: 'Анна' },
  other_specialist: { role: 'specialist', name: 'Вера' },
  admin: { role: 'admin', name: 'Ольга' },
  other_admin: { role: 'admin', name: 'Максим', locale: 'en' },
};

let nextChat = 1000;

/** The headers that say who acts. */
export function initiator(salon: Salon, by: Person | null): Record<string, string> {
  if (by === null) return {};
  const role = PEOPLE[by].role;
  return { 'X-Initiated-By-User-Id': String(salon.people[by].id), 'X-Initiated-By-Role': role };
}

export async function openSalon(vestnik: Vestnik, override: Partial<Record<Person, object>> = {}): Promise<Salon> {
  // Without lists of the day: a test counts messages, at whatever hour it runs.
  const company = await vestnik.create('/v1/companies', {
    ...{ name: 'Весна', time_zone: 'Europe/Moscow', day_list_at: null },
  });
  const company_id: number = company.id;
  const location = await vestnik.create('/v1/locations', { company_id, name: 'Центр' });
  const service = await vestnik.create('/v1/services', { company_id, name: 'Стрижка', duration_min: 60 });
  const people = {} as Salon['people'];
  for (const [person, row] of Object.entries(PEOPLE) as [Person, object][]) {
    const chat = nextChat++;
    const body = { company_id, tg_id: chat, quiet_hours: AWAKE, ...row, ...override[person] };
    const user = await vestnik.create('/v1/users', body);
    people[person] = { id: user.id, chat };
    vestnik.telegram.registerUser({ id: chat, first_name: person });
  }
  const salon: Salon = {
    companyId: company_id,
    locationId: location.id,
    serviceId: service.id,
    people,
    book: (by, change = {}) =>
      vestnik.create(
        '/v1/bookings',
        {
          company_id,
          client_id: people.client.id,
          specialist_id: people.specialist.id,
          service_id: service.id,
          location_id: location.id,
          starts_at: '2027-01-28T11:00:00Z',
          ...change,
        },
        initiator(salon, by),
      ),
  };
  return salon;
}

/** The texts that were sent to a person, oldest first, as they were then: the bot edits what it has shown. */
export function shown(vestnik: Vestnik, salon: Salon, person: Person): string[] {
  const chat = String(salon.people[person].chat);
  return vestnik.telegram
    .requests()
    .filter(({ method, parameters, outcome }) => {
      return method === 'sendmessage' && String(parameters.chat_id) === chat && outcome?.accepted === true;
    })
    .map(({ parameters }) => {
      const parsed = parseTelegramHtml(String(parameters.text));
      assert.ok(parsed.ok);
      return parsed.text.trim();
    });
}

/** From now on the client's messages carry an ad; answers the template. */
export async function advertise(vestnik: Vestnik, { companyId: company_id }: Salon): Promise<{ id: number }> {
  const ad = { company_id, name: 'ad', content_tg: '<b>Скидка</b> 20%', active: true };
  const template = await vestnik.create('/v1/ad-templates', ad);
  const settings = await vestnik.call('GET', `/v1/notification-settings?company_id=${company_id}&limit=50`);
  for (const { id, recipient_role } of settings.body.items)
    if (recipient_role === 'client')
      await vestnik.call('PATCH', `/v1/notification-settings/${id}`, { ad_template_id: template.id });
  return template;
}
