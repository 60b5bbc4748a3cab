import { DateTime } from 'luxon';
import { z } from 'zod';
import type { TelegramSimulator } from './telegram/simulator.ts';

/** The ids of the demo studio, as the API gave them. */
export interface Demo {
  companyId: number;
  locationId: number;
  serviceId: number;
  clientId: number;
  specialistId: number;
  adminIds: number[];
  /** One line for a shell: books for tomorrow, 14:00 at the venue. It may be run any number of times. */
  curlExample(now: Date): string;
}

export interface DemoOptions {
  /** Where the HTTP API listens, without a slash at the end. */
  apiUrl: string;
  adminApiKey: string;
  /** The people with Telegram are registered here. */
  simulator: Pick<TelegramSimulator, 'registerUser'>;
  fetch?: typeof globalThis.fetch;
}

const TIME_ZONE = 'Europe/Moscow';
const COMPANY = { name: 'Студия «Весна»', time_zone: TIME_ZONE };
const LOCATION = { name: 'Центр' };
const SERVICE = { external_id: 'demo-haircut', name: 'Стрижка', duration_min: 60 };
const BOOKING_HOUR = 14;

const CLIENT = {
  external_id: 'demo-client',
  role: 'client',
  name: 'Иван Петров',
  phone: '+7 999 123-45-67',
  tg_id: 700_001,
  locale: 'ru',
} as const;
const SPECIALIST = {
  external_id: 'demo-specialist',
  role: 'specialist',
  name: 'Анна',
  tg_id: 700_002,
  locale: 'ru',
} as const;
/** One of them reads English, so that both languages are on the page. */
const ADMINS = [
  { external_id: 'demo-admin-1', role: 'admin', name: 'Ольга', tg_id: 700_003, locale: 'ru' },
  { external_id: 'demo-admin-2', role: 'admin', name: 'Максим', tg_id: 700_004, locale: 'en' },
] as const;

type DemoPerson = typeof CLIENT | typeof SPECIALIST | (typeof ADMINS)[number];

const rowSchema = z.looseObject({ id: z.int().positive() });
const personSchema = z.looseObject({
  id: z.int().positive(),
  tg_id: z.int().nullable(),
  telegram_unreachable: z.string().nullable(),
});
const listSchema = z.object({ items: z.array(z.unknown()) });

/**
 * Sees to it that the demo studio exists, and that its people have pressed Start in the simulator and can be reached.
 * What is there already is found by name or `external_id` and otherwise left as it is.
 * @throws when the API refuses.
 */
export async function ensureDemo(options: DemoOptions): Promise<Demo> {
  const api = createDemoApi(options);
  const { id: companyId } = await api.ensure('companies', { name: COMPANY.name }, COMPANY, rowSchema);
  const within = { company_id: companyId };
  const filter = { company_id: String(companyId) };
  const location = await api.ensure(
    'locations',
    { ...filter, name: LOCATION.name },
    { ...within, ...LOCATION },
    rowSchema,
  );
  const service = await api.ensure(
    'services',
    { ...filter, external_id: SERVICE.external_id },
    { ...within, ...SERVICE },
    rowSchema,
  );

  const ensurePerson = async (person: DemoPerson): Promise<number> => {
    const key = { ...filter, external_id: person.external_id };
    const row = await api.ensure('users', key, { ...within, ...person }, personSchema);
    if (row.tg_id !== null) options.simulator.registerUser(virtualUserOf(person, row.tg_id));
    // A new start is a new phone, which blocks nobody.
    if (row.telegram_unreachable !== null) await api.change(`users/${row.id}`, { tg_id: row.tg_id });
    return row.id;
  };
  const clientId = await ensurePerson(CLIENT);
  const specialistId = await ensurePerson(SPECIALIST);
  const adminIds: number[] = [];
  for (const admin of ADMINS) adminIds.push(await ensurePerson(admin));

  const booking = {
    company_id: companyId,
    client_id: clientId,
    specialist_id: specialistId,
    service_id: service.id,
    location_id: location.id,
  };
  return {
    companyId,
    locationId: location.id,
    serviceId: service.id,
    clientId,
    specialistId,
    adminIds,
    curlExample: (now) => curlFor({ ...booking, starts_at: tomorrowAtTheVenue(now), allow_overlap: true }, options),
  };
}

/** The people with Telegram, as the simulator knows them. */
export const DEMO_PEOPLE = [CLIENT, SPECIALIST, ...ADMINS].map((person) => virtualUserOf(person, person.tg_id));

function virtualUserOf(
  { name, locale, role }: DemoPerson,
  tgId: number,
): Parameters<TelegramSimulator['registerUser']>[0] {
  const [firstName = name, ...others] = name.split(' ');
  const lastName = others.length === 0 ? {} : { last_name: others.join(' ') };
  return { id: tgId, first_name: firstName, ...lastName, language_code: locale, caption: role };
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

interface DemoApi {
  /** The first row that the filter finds, else the one made from `body`. */
  ensure<Row>(collection: string, filter: Record<string, string>, body: object, row: z.ZodType<Row>): Promise<Row>;
  change(item: string, body: object): Promise<void>;
}

function createDemoApi({ apiUrl, adminApiKey, fetch = globalThis.fetch }: DemoOptions): DemoApi {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${apiUrl}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminApiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /v1/${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as unknown;
  };

  return {
    async ensure(collection, filter, body, row) {
      const query = new URLSearchParams({ ...filter, limit: '1' });
      const { items } = listSchema.parse(await call('GET', `${collection}?${query}`));
      return row.parse(items[0] ?? (await call('POST', collection, body)));
    },
    async change(item, body) {
      await call('PATCH', item, body);
    },
  };
}
