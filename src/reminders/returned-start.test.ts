import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { createDeliveryFactsReader } from '../db/booking-reads.ts';
import { dueBookings } from '../db/due-bookings.ts';
import { createReminderReader } from '../db/reminder-reads.ts';
import type { BookingEvent } from '../domain/events.ts';
import { confirmationOf } from '../domain/no-show-ladder.ts';
import { outdoneFor } from '../domain/reminders.ts';
import { createLinkSigner } from '../links/link-signer.ts';
import { createLinks } from '../links/links.ts';
import { closeDueWindows } from '../moves/move-windows.ts';
import { remindDue } from './remind-due.ts';

/** In Moscow, where the salon is. */
const at = (time: string) => new Date(`2026-12-${time}:00+03:00`);
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480 };
const NIGHT = { quiet_hours: { messages: { from: '22:00', to: '08:00' } } };
const EARLY = { reminders: [480, 360], no_show_ladder: { ask: 480, push_after_min: 60, call_after_min: 240 } };

/** A salon with a booking at this time; nothing happens but what a test asks for. */
async function openSalon(t: TestContext, { open }: TestDatabases, rules: object, starts_at: string) {
  const database = await open(t);
  let now = at('20T12:00');
  let sent = 0;
  const clock = () => now;
  const linkSigner = createLinkSigner({ secret: Buffer.alloc(32, 3) });
  const links = createLinks({ signer: linkSigner, publicUrl: '', botUsername: () => null, clock });
  const api = await startTestApi(t, { database, clock, linkSigner });
  const { client_id: user_id, ...salon } = await makeSalon(api);
  await api.ok('PATCH', `/v1/companies/${salon.company_id}`, rules);
  await api.ok('PATCH', `/v1/users/${user_id}`, { ...NIGHT, tg_id: 77 });
  const booked = { ...bookingBody({ ...salon, client_id: user_id }), starts_at: at(starts_at).toISOString() };
  const { id: booking_id } = await api.ok('POST', '/v1/bookings', booked);
  const path = `/v1/bookings/${booking_id}`;
  const facts = createDeliveryFactsReader(database);

  return {
    clientId: user_id,
    async look(time: string): Promise<BookingEvent[]> {
      now = at(time);
      const due = await dueBookings(database.read(), now, { room: 10, underWay: new Map() });
      if (due.length === 0) return [];
      const { events } = await database.write((tx) => remindDue(tx, due, { now, newId: () => `look-${++sent}` }));
      return events;
    },
    /** Each is told alone, as the window before it is closed. */
    async move(time: string, to: string, { by, silent = false }: { by?: number; silent?: boolean } = {}) {
      now = at(time);
      await database.write((tx) => closeDueWindows(tx, [booking_id], now));
      const headers = by === undefined ? {} : { 'x-initiated-by-user-id': String(by) };
      const change = { starts_at: at(to).toISOString(), ...(silent && { notify: false }) };
      await api.ok('PATCH', path, change, headers);
    },
    close: (time: string) => database.write((tx) => closeDueWindows(tx, [booking_id], at(time))),
    /** With which questions the news of moves went. */
    movesAsked: async () =>
      (await api.outbox()).flatMap(({ type, offset }) => (type === 'booking_rescheduled' ? [offset ?? null] : [])),
    async whatHolds(question: BookingEvent) {
      const { state, ladder } = (await facts(question, { userId: user_id, role: 'client' })) ?? assert.fail();
      const card = confirmationOf({ event: question, audience: 'client' }, state, ladder);
      const link = { company_id: salon.company_id, user_id, booking_id, event_type: 'booking_reminder' as const };
      const token = links.bookingUrl({ ...link, starts_at: state.starts_at }).slice('/booking#'.length);
      const { can_confirm } = await api.ok('GET', '/v1/my/booking', undefined, { authorization: `Bearer ${token}` });
      const { reminders } = await api.ok('GET', `${path}/schedule`);
      const steps = (reminders as { step: string | null; version: number; state: string }[])
        .filter(({ step }) => step !== null)
        .map(({ step, version, state }) => `${version}: ${step} ${state}`);
      return { card: card?.kind === 'asked' ? card.start_version : card, page: can_confirm, steps };
    },
    confirm: () => api.ok('POST', `${path}/confirm`),
    async outdone(offset: number) {
      const reminders = (await createReminderReader(database)(booking_id)) ?? assert.fail();
      return outdoneFor(user_id, { offset, isEarly: false }, { ...reminders, now });
    },
  };
}

const told = (events: readonly BookingEvent[]) =>
  events.map(({ step, offset, only_user }) => `${step ?? offset} ${only_user === undefined ? 'all' : 'one'}`);

describeOnEachDatabase('a booking that comes back to a time that it had', (databases) => {
  const AWAY = { card: null, page: false, steps: [] };
  const STANDS = { card: 1, page: true, steps: ['1: push pending', '1: call pending'] };

  test('repeats no reminder to whom it went before their quiet hours', async (t) => {
    const salon = await openSalon(t, databases, { reminders: [480] }, '28T09:00');
    assert.deepEqual(told(await salon.look('27T21:50')), ['480 one']);
    await salon.move('27T22:20', '29T09:00');
    assert.deepEqual(await salon.look('27T22:21'), []);
    await salon.move('27T22:30', '28T09:00');
    assert.deepEqual(told(await salon.look('28T01:00')), ['480 all']);
    assert.equal(await salon.outdone(480), 'sent_early');
  });

  for (const [whose, how] of [
    ["by its client's own moves", { isOwn: true }],
    ['in silence', { isOwn: false, silent: true }],
  ] as const)
    test(`${whose} goes on with the question that stood: on the card, the page and in the schedule`, async (t) => {
      const salon = await openSalon(t, databases, { no_show_ladder: LADDER }, '23T14:00');
      const by = how.isOwn ? { by: salon.clientId } : how;
      const [question = assert.fail()] = await salon.look('22T14:00');
      assert.deepEqual(await salon.whatHolds(question), STANDS);
      await salon.move('22T15:00', '25T18:00', by);
      const { steps, ...away } = await salon.whatHolds(question);
      assert.deepEqual({ ...away, steps: steps.filter((step) => step.startsWith('1:')) }, AWAY);
      await salon.move('22T15:20', '23T14:00', by);
      assert.deepEqual(await salon.whatHolds(question), STANDS);
      assert.deepEqual(await salon.look('22T15:21'), []);
      assert.deepEqual(told(await salon.look('22T18:00')), ['push all']);
      assert.deepEqual(await salon.movesAsked(), how.isOwn ? [null, null] : []);
    });

  test('by moves of the salon is asked about with the news, and the minutes count as before', async (t) => {
    const salon = await openSalon(t, databases, { no_show_ladder: LADDER }, '23T14:00');
    const [question = assert.fail()] = await salon.look('22T14:00');
    await salon.move('22T15:00', '25T18:00');
    await salon.move('22T15:20', '23T14:00');
    assert.deepEqual(await salon.movesAsked(), [null, 1440]);
    assert.deepEqual(await salon.whatHolds(question), STANDS);
    assert.deepEqual(told(await salon.look('22T18:00')), ['push all']);
  });

  test('of the steps that became due while it was elsewhere only the call goes', async (t) => {
    const salon = await openSalon(t, databases, { no_show_ladder: LADDER }, '23T14:00');
    await salon.look('22T14:00');
    await salon.move('22T15:00', '25T18:00', { silent: true });
    for (const time of ['22T18:00', '22T22:00', '22T23:00']) assert.deepEqual(await salon.look(time), []);
    await salon.move('22T23:10', '23T14:00', { silent: true });
    assert.deepEqual(await salon.look('22T23:11'), [], 'the client sleeps');
    assert.deepEqual(told(await salon.look('23T08:00')), ['call all']);
  });

  test('is confirmed where the client had confirmed that time', async (t) => {
    const salon = await openSalon(t, databases, { no_show_ladder: LADDER }, '23T14:00');
    const [question = assert.fail()] = await salon.look('22T14:00');
    await salon.confirm();
    await salon.move('22T15:00', '25T18:00');
    await salon.move('22T15:20', '23T14:00');
    const { card, page } = await salon.whatHolds(question);
    assert.deepEqual([card, page, await salon.movesAsked()], [{ kind: 'confirmed' }, false, [null, null]]);
    assert.deepEqual(await salon.look('22T23:00'), []);
  });

  test('in several moves at once keeps a question that went before quiet hours', async (t) => {
    const salon = await openSalon(t, databases, EARLY, '24T09:00');
    const events = await salon.look('23T21:50');
    assert.deepEqual(told(events), ['480 one']);
    await salon.move('23T21:55', '25T09:00');
    await salon.move('23T21:55', '26T09:00');
    await salon.move('23T21:55', '24T09:00');
    await salon.close('23T21:56');
    assert.deepEqual(await salon.movesAsked(), [null, 480]);
    const [question = assert.fail()] = events;
    const { card, page, steps } = await salon.whatHolds(question);
    assert.deepEqual([card, page], [1, true]);
    assert.deepEqual(steps, ['1: push skipped', '1: call pending'], 'both wait for the morning, where one helps');
  });
});
