import type { EntityManager } from '@mikro-orm/core';
import { Booking, Company, Service, User } from '#src/db/entities.ts';

const NOW = new Date('2026-01-20T09:00:00.000Z');

interface Ids {
  company_id: number;
  client_id: number;
  specialist_id: number;
  service_id: number;
}

/** A company with one client, one specialist and one service. */
export async function insertCompany(tx: EntityManager): Promise<Ids> {
  const company_id = await tx.insert(Company, { name: 'Салон', time_zone: 'Europe/Moscow', created_at: NOW });
  const person = { company_id, locale: 'ru', ads_opt_out: false, created_at: NOW } as const;
  const client_id = await tx.insert(User, {
    ...person,
    role: 'client',
    name: 'Иван Петров',
    phone: '+7 999 123-45-67',
  });
  const specialist_id = await tx.insert(User, { ...person, role: 'specialist', name: 'Анна', tg_id: 42 });
  const service_id = await tx.insert(Service, { company_id, name: 'Стрижка', duration_min: 60, created_at: NOW });
  return { company_id, client_id, specialist_id, service_id };
}

/** A booking of an hour, as `insert` takes it. */
export function bookingRow(ids: Ids, starts_at = new Date('2026-01-28T11:00:00.000Z')) {
  const ends_at = new Date(starts_at.getTime() + 3_600_000);
  const state = { starts_at, ends_at, duration_min: 60, status: 'created', version: 1 } as const;
  const reminders = { start_version: 1, moved_at: null, next_reminder_at: null };
  const confirmation = { confirmed_at: null, confirmed_starts_at: null };
  const stamps = { created_at: NOW, updated_at: NOW };
  return { ...ids, ...state, ...reminders, ...confirmation, ...stamps, location_id: null, external_id: null };
}

export const insertBooking = (tx: EntityManager, ids: Ids): Promise<number> => tx.insert(Booking, bookingRow(ids));
