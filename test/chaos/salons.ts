import type { TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import type { ApiClient } from './api-client.ts';
import { LOCALE, TIME_ZONE } from './message-reader.ts';

/** Everybody here hears of every booking. */
const PEOPLE = { client: 'client', specialist: 'specialist', admin: 'admin', other_admin: 'admin' } as const;
type Person = keyof typeof PEOPLE;

const FIRST_SLOT = Date.UTC(2027, 0, 1);
const MINUTE_MS = 60_000;

export interface Salon {
  company: number;
  /** What a booking refers to. */
  references: Record<'company_id' | 'client_id' | 'specialist_id' | 'service_id' | 'location_id', number>;
  chats: number[];
  /** By user id. */
  chatOf: ReadonlyMap<number, number>;
  /** A start that was never given out before. */
  nextSlot(): string;
}

export async function openSalon(api: ApiClient, telegram: TelegramSimulator, number: number): Promise<Salon> {
  const create = async (path: string, body: object): Promise<number> => (await api.request('POST', path, body)).id;
  const company_id = await create('/v1/companies', {
    name: `Весна ${number}`,
    time_zone: TIME_ZONE,
    merge_moves_s: 0, // what is promised is a message for each move
  });
  const location_id = await create('/v1/locations', { company_id, name: 'Центр' });
  const service_id = await create('/v1/services', { company_id, name: 'Стрижка', duration_min: 60 });
  const users = new Map<Person, number>();
  const chatOf = new Map<number, number>();
  for (const [index, person] of (Object.keys(PEOPLE) as Person[]).entries()) {
    const chat = 1000 + number * 10 + index;
    telegram.registerUser({ id: chat, first_name: person });
    const row = { company_id, role: PEOPLE[person], name: person, tg_id: chat, locale: LOCALE };
    const user = await create('/v1/users', row);
    users.set(person, user);
    chatOf.set(user, chat);
  }
  let slots = 0;
  return {
    company: company_id,
    references: {
      company_id,
      service_id,
      location_id,
      client_id: users.get('client') ?? 0,
      specialist_id: users.get('specialist') ?? 0,
    },
    chats: [...chatOf.values()],
    chatOf,
    nextSlot() {
      slots += 1;
      return new Date(FIRST_SLOT + slots * MINUTE_MS).toISOString();
    },
  };
}
