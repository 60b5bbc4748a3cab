import type { PhoneOwner } from './push/push-phone.ts';
import type { VirtualUser } from './telegram/chats.ts';

/** A broadcast of whoever tries the product at night is to arrive all the same. */
export const NO_QUIET_HOURS = { broadcasts: null, messages: null } as const;

export const CLIENT = {
  external_id: 'demo-client',
  role: 'client',
  name: 'Иван Петров',
  phone: '+7 999 123-45-67',
  tg_id: 700_001,
  locale: 'ru',
} as const;
export const SPECIALIST = {
  external_id: 'demo-specialist',
  role: 'specialist',
  name: 'Анна',
  tg_id: 700_002,
  locale: 'ru',
} as const;
/** One of them reads English, so that both languages are on the page. */
export const ADMINS = [
  { external_id: 'demo-admin-1', role: 'admin', name: 'Ольга', tg_id: 700_003, locale: 'ru' },
  { external_id: 'demo-admin-2', role: 'admin', name: 'Максим', tg_id: 700_004, locale: 'en' },
] as const;

/** She comes last, so that the others keep their numbers in folders that were here before her. */
export const PUSH_CLIENT = {
  external_id: 'demo-push-client',
  role: 'client',
  name: 'Мария Кузнецова',
  phone: '+7 999 765-43-21',
  tg_id: null,
  locale: 'ru',
} as const;

export type DemoPerson = typeof CLIENT | typeof SPECIALIST | (typeof ADMINS)[number] | typeof PUSH_CLIENT;

/** The people with Telegram, as the simulator knows them. */
export const DEMO_PEOPLE = [CLIENT, SPECIALIST, ...ADMINS].map((person) => virtualUserOf(person, person.tg_id));

/** The one without, as her browser's phone knows her. */
export const DEMO_PUSH_OWNER: PhoneOwner = {
  id: 5,
  name: PUSH_CLIENT.name,
  caption: PUSH_CLIENT.role,
  language_code: PUSH_CLIENT.locale,
};

/** @param tgId as the product has it now */
export function virtualUserOf({ name, locale, role }: DemoPerson, tgId: number): VirtualUser {
  const [firstName = name, ...others] = name.split(' ');
  const lastName = others.length === 0 ? {} : { last_name: others.join(' ') };
  return { id: tgId, first_name: firstName, ...lastName, language_code: locale, caption: role };
}
