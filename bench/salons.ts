import { request } from 'undici';

export const TELEGRAM_BOT_TOKEN = '424242:bench';
export const ADMIN_API_KEY = 'bench-admin-key';

/** Who hears of a booking in every salon: three messages each. */
export const PEOPLE = ['client', 'specialist', 'admin'] as const;
type Person = (typeof PEOPLE)[number];

export const chatOf = (salon: number, person: Person): number => 1000 + salon * PEOPLE.length + PEOPLE.indexOf(person);

/** What a booking in a salon refers to. */
export interface Salon {
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
  location_id: number;
}

const FIRST_HOUR = Date.UTC(2027, 0, 1);
const HOUR_MS = 3_600_000;

/** Where and when the booking with this number is, from 0: each has an hour of its own of its specialist, salon after salon, hour after hour. */
export const slotOf = (number: number, salons: number): { salon: number; startsAt: number } => ({
  salon: number % salons,
  startsAt: FIRST_HOUR + Math.floor(number / salons) * HOUR_MS,
});

/** Bookings without end, in the slots of {@link slotOf}. */
export function createBookingBodies(salons: readonly Salon[]): () => string {
  let made = 0;
  return () => {
    const { salon, startsAt } = slotOf(made, salons.length);
    made += 1;
    return JSON.stringify({ ...salons[salon], starts_at: new Date(startsAt).toISOString() });
  };
}

/** Opens salons through the API of a running Vestnik. */
export async function openSalons(url: string, count: number): Promise<Salon[]> {
  const create = async (path: string, body: object): Promise<number> => {
    const answer = await request(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const created = (await answer.body.json()) as { id: number };
    if (answer.statusCode !== 201) throw new Error(`POST ${path}: ${JSON.stringify(created)}`);
    return created.id;
  };
  const open = async (salon: number): Promise<Salon> => {
    const company_id = await create('/v1/companies', { name: `Весна ${salon}`, time_zone: 'Europe/Moscow' });
    const person = (role: Person) =>
      create('/v1/users', { company_id, role, name: `${role} ${salon}`, tg_id: chatOf(salon, role) });
    const [location_id, service_id, client_id, specialist_id] = await Promise.all([
      create('/v1/locations', { company_id, name: 'Центр' }),
      create('/v1/services', { company_id, name: 'Стрижка', duration_min: 60 }),
      person('client'),
      person('specialist'),
      person('admin'),
    ]);
    return { company_id, client_id, specialist_id, service_id, location_id };
  };
  return await Promise.all(Array.from({ length: count }, (_, salon) => open(salon)));
}
