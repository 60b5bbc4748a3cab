import { DateTime } from 'luxon';
import { z } from 'zod';
import { createDemoApi, type DemoApi, type DemoApiOptions } from './demo-api.ts';
import {
  ADMINS,
  CLIENT,
  type DemoPerson,
  NO_QUIET_HOURS,
  PUSH_CLIENT,
  SPECIALIST,
  virtualUserOf,
} from './demo-people.ts';
import { createSubscribePage } from './push/subscribe-page.ts';
import type { Phones } from './shared-phones.ts';
import type { BookingCommand } from './telegram/page-api.ts';

/** The ids of the demo studio, as the API gave them. */
export interface Demo {
  companyId: number;
  locationId: number;
  serviceId: number;
  clientId: number;
  /** The client who has a browser instead of Telegram. */
  pushClientId: number;
  specialistId: number;
  adminIds: number[];
  /** One for each of the clients: books for tomorrow, 14:00 at the venue. It may be run any number of times. */
  bookingCommands(now: Date): [telegram: BookingCommand, push: BookingCommand];
}

export interface DemoOptions extends DemoApiOptions {
  /** The people with Telegram are registered here, and the browser of the one without subscribes. */
  phones: Pick<Phones, 'registerUser' | 'openPushPage'>;
}

const TIME_ZONE = 'Europe/Moscow';
const COMPANY = { name: 'Студия «Весна»', time_zone: TIME_ZONE };
const LOCATION = { name: 'Центр' };
const SERVICE = { external_id: 'demo-haircut', name: 'Стрижка', duration_min: 60 };
const BOOKING_HOUR = 14;

const rowSchema = z.looseObject({ id: z.int().positive() });
const personSchema = z.looseObject({
  id: z.int().positive(),
  tg_id: z.int().nullable(),
  telegram_unreachable: z.string().nullable(),
});

/**
 * Sees to it that the demo studio exists, and that its people can be reached: they have pressed Start in the simulator, or
 * subscribed in their browser.
 * What is there already is found by name or `external_id` and otherwise left as it is.
 * @throws when the API refuses.
 */
export async function ensureDemo(options: DemoOptions): Promise<Demo> {
  const api = createDemoApi(options);
  const studio = await ensureStudio(api);
  const ensurePerson = async (person: DemoPerson): Promise<number> => {
    const key = { company_id: String(studio.companyId), external_id: person.external_id };
    const body = { company_id: studio.companyId, quiet_hours: NO_QUIET_HOURS, ...person };
    const row = await api.ensure('users', key, body, personSchema);
    if (row.tg_id !== null) options.phones.registerUser(virtualUserOf(person, row.tg_id));
    // A new start is a new phone, which blocks nobody.
    if (row.telegram_unreachable !== null) await api.change(`users/${row.id}`, { tg_id: row.tg_id });
    return row.id;
  };
  const clientId = await ensurePerson(CLIENT);
  const specialistId = await ensurePerson(SPECIALIST);
  const adminIds: number[] = [];
  for (const admin of ADMINS) adminIds.push(await ensurePerson(admin));
  const pushClientId = await ensurePerson(PUSH_CLIENT);
  await options.phones.openPushPage(createSubscribePage({ ...options, invite: () => api.invite(pushClientId) }));

  const commandFor = (client: string, client_id: number, now: Date): BookingCommand => ({
    client,
    line: curlFor(
      {
        ...{ company_id: studio.companyId, client_id, specialist_id: specialistId, service_id: studio.serviceId },
        ...{ location_id: studio.locationId, starts_at: tomorrowAtTheVenue(now), allow_overlap: true },
      },
      options,
    ),
  });
  return {
    ...studio,
    ...{ clientId, pushClientId, specialistId, adminIds },
    bookingCommands: (now) => [commandFor(CLIENT.name, clientId, now), commandFor(PUSH_CLIENT.name, pushClientId, now)],
  };
}

async function ensureStudio(api: DemoApi): Promise<Pick<Demo, 'companyId' | 'locationId' | 'serviceId'>> {
  const { id: companyId } = await api.ensure('companies', { name: COMPANY.name }, COMPANY, rowSchema);
  const within = { company_id: companyId };
  const filter = { company_id: String(companyId) };
  const place = { ...filter, name: LOCATION.name };
  const { id: locationId } = await api.ensure('locations', place, { ...within, ...LOCATION }, rowSchema);
  const kind = { ...filter, external_id: SERVICE.external_id };
  const { id: serviceId } = await api.ensure('services', kind, { ...within, ...SERVICE }, rowSchema);
  return { companyId, locationId, serviceId };
}

const tomorrowAtTheVenue = (now: Date): string =>
  DateTime.fromJSDate(now, { zone: TIME_ZONE })
    .plus({ days: 1 })
    .set({ hour: BOOKING_HOUR, minute: 0, second: 0, millisecond: 0 })
    .toUTC()
    .toISO({ suppressMilliseconds: true }) ?? '';

const curlFor = (booking: object, { apiUrl, adminApiKey }: DemoOptions): string =>
  [
    `curl -X POST ${apiUrl}/v1/bookings`,
    `-H ${quoted(`Authorization: Bearer ${adminApiKey}`)}`,
    `-H ${quoted('Content-Type: application/json')}`,
    `-d ${quoted(JSON.stringify(booking))}`,
  ].join(' ');

/** As one word of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
