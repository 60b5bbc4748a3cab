import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { dueBookings } from '../db/due-bookings.ts';
import { createBookingMessages } from '../dispatch/booking-messages.ts';
import type { BookingEvent } from '../domain/events.ts';
import { createLinkSigner } from '../links/link-signer.ts';
import { createLinks } from '../links/links.ts';
import { remindDue } from './remind-due.ts';

/** Of the night in Moscow, where the salon is. */
const at = (time: string) => new Date(`2026-12-${time}:00+03:00`);
const START = at('28T09:00');
const NIGHT = { quiet_hours: { messages: { from: '22:00', to: '08:00' } } };
const ASKING = { reminders: [480, 360], no_show_ladder: { ask: 480, push_after_min: 60, call_after_min: 120 } };

/** A salon that asks eight hours before and reminds once more six hours before, of a booking whose client sleeps then. */
async function openNight(t: TestContext, { open }: TestDatabases) {
  const database = await open(t);
  let now = at('27T12:00');
  const clock = () => now;
  const linkSigner = createLinkSigner({ secret: Buffer.alloc(32, 3) });
  const links = createLinks({ signer: linkSigner, publicUrl: '', botUsername: () => null, clock });
  const api = await startTestApi(t, { database, clock, linkSigner });
  const salon = await makeSalon(api);
  const { company_id, client_id: user_id } = salon;
  await api.ok('PATCH', `/v1/companies/${company_id}`, ASKING);
  await api.ok('PATCH', `/v1/users/${user_id}`, { ...NIGHT, tg_id: 77 });
  const { id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: START.toISOString() });
  const messages = createBookingMessages({ database, links, clock });
  let sent = 0;

  /** What the client is told of an event that goes now: the button that asks, another message, or why none. */
  async function heard(event: BookingEvent): Promise<string> {
    const message = await messages.read(event, { user_id, audience: 'client', channels: ['telegram'] });
    if (message.kind !== 'ready') return JSON.stringify(message).match(/"reason":"(\w+)"/)?.[1] ?? 'nothing';
    const buttons = message.toTelegram().message.keyboard.flat();
    return buttons.some((button) => JSON.stringify(button).includes(`bkc:confirm:${id}:1`)) ? 'asked' : 'told';
  }

  return {
    async look(time: string): Promise<string[]> {
      now = at(time);
      const due = await dueBookings(database.read(), now, { room: 10, underWay: new Map() });
      if (due.length === 0) return [];
      const newId = () => `reminder-${++sent}`;
      const { events } = await database.write((tx) => remindDue(tx, due, { now, newId }));
      const reminders = events.filter(({ type }) => type === 'booking_reminder');
      return await Promise.all(reminders.map(async (event) => `${event.offset} ${await heard(event)}`));
    },
    async page() {
      const facts = { company_id, user_id, booking_id: id, event_type: 'booking_reminder', starts_at: START } as const;
      const token = links.bookingUrl(facts).slice('/booking#'.length);
      return (await api.ok('GET', '/v1/my/booking', undefined, { authorization: `Bearer ${token}` })).can_confirm;
    },
    schedule: async (): Promise<string[]> =>
      (await api.ok('GET', `/v1/bookings/${id}/schedule`)).reminders
        .filter(({ step }: { step: string | null }) => step === null)
        .map(({ offset, only_user, state, recipients }: Scheduled) => {
          const client = recipients.find(({ role }) => role === 'client');
          return `${offset} ${only_user === null ? 'all' : 'early'} ${state} ${client?.reason ?? client?.status ?? '-'}`;
        }),
  };
}

interface Scheduled {
  offset: number;
  only_user: number | null;
  state: string;
  recipients: { role: string; status: string; reason: string | null }[];
}

describeOnEachDatabase('a client who sleeps when they would be asked', (databases) => {
  test('is asked before their night, once, though another reminder of that night is nearer to the start', async (t) => {
    const night = await openNight(t, databases);
    assert.deepEqual(await night.look('27T12:01'), []);
    const before = await night.schedule();
    assert.deepEqual(before.sort(), [
      '360 all pending sent_early',
      '360 early skipped -',
      '480 all pending sent_early',
      '480 early pending planned',
    ]);
    assert.equal(await night.page(), false);
    assert.deepEqual(await night.look('27T21:50'), ['480 asked']);
    assert.deepEqual(await night.look('28T01:00'), ['480 sent_early']);
    assert.deepEqual(await night.look('28T03:00'), ['360 sent_early']);
  });

  test('may answer on their page as soon as they are asked', async (t) => {
    const night = await openNight(t, databases);
    await night.look('27T12:01');
    await night.look('27T21:49');
    assert.equal(await night.page(), false);
    await night.look('27T21:50');
    assert.equal(await night.page(), true);
  });
});
