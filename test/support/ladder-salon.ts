import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { dueBookings } from '#src/db/due-bookings.ts';
import { continuePass } from '#src/db/reminder-passes.ts';
import { createReminderReader } from '#src/db/reminder-reads.ts';
import { outdoneFor } from '#src/domain/reminders.ts';
import { remindDue } from '#src/reminders/remind-due.ts';
import { bookingBody, makeSalon, startTestApi } from './api.ts';
import type { TestDatabases } from './database.ts';

export const HOUR_MS = 3_600_000;
export const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480 };
export const STARTS_AT = Date.parse('2026-12-28T11:00:00Z');
export const hoursBefore = (hours: number) => new Date(STARTS_AT - hours * HOUR_MS);

/** A salon with this ladder whose booking begins in 48 hours; nothing happens but what a test asks for. */
export async function openLadder(t: TestContext, { open }: TestDatabases, no_show_ladder: object | null = LADDER) {
  const database = await open(t);
  let now = hoursBefore(49);
  let events = 0;
  const api = await startTestApi(t, { database, clock: () => now });
  const salon = await makeSalon(api);
  const company = `/v1/companies/${salon.company_id}`;
  await api.ok('PATCH', company, { no_show_ladder });
  const client = `/v1/users/${salon.client_id}`;
  now = hoursBefore(48);
  const starts_at = new Date(STARTS_AT).toISOString();
  const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
  const path = `/v1/bookings/${id}`;
  const schedule = async (): Promise<Scheduled[]> => (await api.ok('GET', `${path}/schedule`)).reminders;

  /** As a scheduler that looks then, and finds what it finds; answers what it sent. */
  async function lookAt(at: Date): Promise<string[]> {
    now = at;
    for (let pass = 0; pass < 2; pass += 1) await database.write((tx) => continuePass(tx, salon.company_id, now, 100));
    const ids = await dueBookings(database.read(), now, { room: 10, underWay: new Map() });
    if (ids.length === 0) return [];
    const newId = () => `event-${++events}`;
    const { events: sent } = await database.write((tx) => remindDue(tx, ids, { now, newId }));
    return sent.map(({ type, step, offset, initiated_by }) => `${type} ${step ?? offset} ${initiated_by.role}`);
  }

  return {
    ...{ api, company, client, path, schedule, lookAt, id, clientId: salon.client_id, companyId: salon.company_id },
    look: (hours: number) => lookAt(hoursBefore(hours)),
    states: async () =>
      (await schedule()).map(
        ({ offset, step, version, state, reason }) => `${version}: ${step ?? offset} ${reason ?? state}`,
      ),
    outdoneOnItsWay: async (offset: number) => {
      const reminders = (await createReminderReader(database)(id)) ?? assert.fail();
      return outdoneFor(salon.client_id, { offset, isEarly: false }, { ...reminders, now });
    },
    stepTimes: async () =>
      (await schedule()).flatMap(({ step, due_at }) => (step === null ? [] : `${step} ${due_at.slice(0, 16)}`)),
    recipientsOf: async (step: string) =>
      (await schedule())
        .find((one) => one.step === step)
        ?.recipients.map(({ role, status, reason }) => `${role} ${reason ?? status}`),
  };
}

interface Scheduled {
  offset: unknown;
  step: string | null;
  version: number;
  due_at: string;
  state: string;
  reason: string | null;
  event_id: string | null;
  recipients: { role: string; status: string; reason: string | null }[];
}

export const ASKED = ['booking_reminder 1440 cron'];
export const PUSH = ['booking_unconfirmed push cron'];
export const CALL = ['booking_unconfirmed call cron'];
