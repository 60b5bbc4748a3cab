import type { BookingEvent, BookingEventType, BookingState, Initiator } from './events.ts';
import { type Person, type SelectionRequest, selectRecipients } from './recipients.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

export const CLIENT: Person = { id: 1, role: 'client', tg_id: 101, telegram_unreachable: null };
export const ANNA: Person = { id: 2, role: 'specialist', tg_id: 102, telegram_unreachable: null };
export const BORIS: Person = { id: 3, role: 'specialist', tg_id: 103, telegram_unreachable: null };
export const OLGA: Person = { id: 4, role: 'admin', tg_id: 104, telegram_unreachable: null };
export const PAVEL: Person = { id: 5, role: 'admin', tg_id: null, telegram_unreachable: null };

export const STATE: BookingState = {
  starts_at: '2026-01-28T11:00:00Z',
  specialist_id: ANNA.id,
  service_id: 1,
  location_id: 1,
  duration_min: 60,
};

export function event(type: BookingEventType, by: Partial<Initiator>, change?: BookingEvent['change']): BookingEvent {
  return {
    id: 'e1',
    type,
    company_id: 1,
    booking_id: 123,
    initiated_by: { user_id: null, role: 'system', channel: 'api', ...by },
    ts: 1_769_000_000,
    ...(change && { change }),
  };
}

export const BORIS_TO_ANNA = { version: 2, from: { ...STATE, specialist_id: BORIS.id }, to: STATE };

export function select(given: BookingEvent, rest: Partial<SelectionRequest> = {}) {
  return selectRecipients({
    event: given,
    booking: { client_id: CLIENT.id, specialist_id: ANNA.id },
    users: [PAVEL, OLGA, ANNA, CLIENT],
    settings: DEFAULT_SETTINGS,
    ...rest,
  });
}

/** `1 client, 2 specialist, …`: who hears, in which place. */
export function whoHears(given: BookingEvent, rest: Partial<SelectionRequest> = {}): string {
  return select(given, rest)
    .chosen.map(({ user_id, audience }) => `${user_id} ${audience}`)
    .join(', ');
}

export function whoDoesNot(given: BookingEvent, rest: Partial<SelectionRequest> = {}): string {
  return select(given, rest)
    .excluded.map(({ user_id, audience, reason }) => `${user_id} ${audience} ${reason}`)
    .join(', ');
}

export const EVERYONE = '1 client, 2 specialist, 5 admin, 4 admin';
