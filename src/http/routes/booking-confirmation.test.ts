import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase, type TestDatabases } from '#test/support/database.ts';
import { openPasses } from '../../db/reminder-passes.ts';
import type { BookingEventType } from '../../domain/events.ts';
import { createLinkSigner } from '../../links/link-signer.ts';
import { createLinks } from '../../links/links.ts';
import { remindDue } from '../../reminders/remind-due.ts';

const STARTS_AT = '2026-12-28T11:00:00.000Z';
const A_DAY_BEFORE = new Date('2026-12-27T11:00:01Z');
const LADDER = { ask: 1440, push_after_min: 240, call_after_min: 480 };

/** A booking of a company that asks its clients, a month before. */
async function open(t: TestContext, databases?: TestDatabases) {
  let now = new Date('2026-11-23T10:00:00Z');
  const clock = () => now;
  const linkSigner = createLinkSigner({ secret: Buffer.alloc(32, 3) });
  const links = createLinks({ signer: linkSigner, publicUrl: '', botUsername: () => null, clock });
  const database = databases && (await databases.open(t));
  const api = await startTestApi(t, { ...(database && { database }), clock, linkSigner });
  const salon = await makeSalon(api);
  const { company_id } = salon;
  const company = `/v1/companies/${company_id}`;
  await api.ok('PATCH', company, { no_show_ladder: LADDER });
  const { id: booking_id } = await api.ok('POST', '/v1/bookings', { ...bookingBody(salon), starts_at: STARTS_AT });
  const tokenOf = (user_id: number, event_type: BookingEventType = 'booking_reminder'): string =>
    links
      .bookingUrl({ company_id, user_id, booking_id, event_type, starts_at: new Date(STARTS_AT) })
      .slice('/booking#'.length);
  const page = (user_id: number, method = 'GET', body?: object, token = tokenOf(user_id)) => {
    const path = method === 'POST' ? '/v1/my/booking/confirm' : '/v1/my/booking';
    return api.call(method, path, body, { authorization: `Bearer ${token}` });
  };
  return {
    ...{ api, salon, company, page, tokenOf, client: salon.client_id, path: `/v1/bookings/${booking_id}` },
    booking: () => api.ok('GET', `/v1/bookings/${booking_id}`),
    async ask() {
      now = A_DAY_BEFORE;
      const { events } = await api.database.write((tx) => remindDue(tx, [booking_id], { now, newId: () => 'asking' }));
      assert.deepEqual(
        events.map(({ offset }) => offset),
        [1440],
      );
    },
    /** Answers the steps that went. */
    async look(at: string) {
      now = new Date(at);
      const { events } = await api.database.write((tx) => remindDue(tx, [booking_id], { now, newId: () => at }));
      return events.map(({ step }) => step);
    },
    setNow: (at: string) => {
      now = new Date(at);
    },
  };
}

describeOnEachDatabase('POST /v1/bookings/{id}/confirm', (databases) => {
  test('is remembered with its time, as often as it is said, and tells nobody', async (t) => {
    const { api, path, booking, setNow } = await open(t, databases);
    assert.equal((await booking()).confirmed_at, null);
    const confirmed = await api.ok('POST', `${path}/confirm`);
    assert.deepEqual([confirmed.confirmed_at, confirmed.version], ['2026-11-23T10:00:00.000Z', 1]);
    setNow('2026-11-24T10:00:00Z');
    assert.deepEqual(await api.ok('POST', `${path}/confirm`), confirmed);
    assert.deepEqual(await booking(), confirmed);
    assert.deepEqual(
      (await api.outbox()).map(({ type }) => type),
      ['booking_created'],
    );
  });

  test('counts while the booking starts at that time, wherever it has been meanwhile', async (t) => {
    const { api, path, booking, setNow } = await open(t, databases);
    const { confirmed_at } = await api.ok('POST', `${path}/confirm`);
    assert.equal((await api.ok('PATCH', path, { duration_min: 90 })).confirmed_at, confirmed_at);
    const movedTo = async (starts_at: string) => (await api.ok('PATCH', path, { starts_at })).confirmed_at;
    setNow('2026-11-24T10:00:00Z');
    assert.equal(await movedTo('2026-12-29T11:00:00Z'), null);
    assert.equal(await movedTo(STARTS_AT), confirmed_at);
    assert.equal((await booking()).confirmed_at, confirmed_at);
    assert.equal(await movedTo('2026-12-29T11:00:00Z'), null);
    assert.equal((await api.ok('POST', `${path}/confirm`)).confirmed_at, '2026-11-24T10:00:00.000Z');
    assert.equal(await movedTo(STARTS_AT), null);
  });

  test('is refused when the booking is closed or has begun', async (t) => {
    const { api, path, booking, setNow } = await open(t, databases);
    setNow(STARTS_AT);
    const begun = await api.call('POST', `${path}/confirm`);
    assertProblem(begun, 409);
    assert.equal(begun.body.code, 'booking_closed');
    await api.ok('POST', `${path}/no-show`);
    assertProblem(await api.call('POST', `${path}/confirm`), 409);
    assert.equal((await booking()).confirmed_at, null);
    assertProblem(await api.call('POST', '/v1/bookings/999/confirm'), 404);
  });
});

describeOnEachDatabase('the page of a booking', (databases) => {
  test('asks the client from the reminder on, and confirms with one request', async (t) => {
    const { page, client, ask, booking } = await open(t, databases);
    const seen = async (user = client) => {
      const { is_confirmed, can_confirm } = (await page(user)).body;
      return { is_confirmed, can_confirm };
    };
    assert.deepEqual(await seen(), { is_confirmed: false, can_confirm: false });
    await ask();
    assert.deepEqual(await seen(), { is_confirmed: false, can_confirm: true });
    // A preview of the link changes nothing, however often it is fetched.
    assert.equal((await booking()).confirmed_at, null);
    const { status, body } = await page(client, 'POST', { starts_at: STARTS_AT });
    assert.deepEqual([status, body.is_confirmed, body.can_confirm], [200, true, false]);
    assert.equal((await booking()).confirmed_at, A_DAY_BEFORE.toISOString());
    assert.equal((await page(client, 'POST', { starts_at: STARTS_AT })).status, 200);
    assert.deepEqual(await seen(), { is_confirmed: true, can_confirm: false });
  });

  test('asks about a question that was followed up, or went with a move, whatever the company does since', async (t) => {
    const { api, company, path, page, client, ask, look } = await open(t, databases);
    const asks = async () => (await page(client)).body.can_confirm;
    await ask();
    assert.deepEqual(await look('2026-12-27T15:00:02Z'), ['push']);
    await api.ok('PATCH', company, { no_show_ladder: null });
    assert.equal(await asks(), true);
    await api.ok('PATCH', company, { no_show_ladder: LADDER });
    await api.ok('PATCH', path, { starts_at: '2026-12-28T12:00:00Z' });
    assert.equal(await asks(), true);
    await api.ok('PATCH', company, { no_show_ladder: null });
    assert.equal(await asks(), true);
  });

  test('does not ask about another start, though the link is from a message that asked', async (t) => {
    const { api, path, page, client, tokenOf, ask, look } = await open(t, databases);
    await ask();
    await look('2026-12-27T15:00:02Z');
    await api.ok('PATCH', path, { starts_at: '2027-01-10T11:00:00Z' });
    for (const type of ['booking_unconfirmed', 'booking_reminder'] as const)
      assert.equal((await page(client, 'GET', undefined, tokenOf(client, type))).body.can_confirm, false);
  });

  test('lets only the client answer, and shows the answer to those who serve them', async (t) => {
    const { page, salon, client, ask, booking } = await open(t, databases);
    await ask();
    for (const user of [salon.specialist_id, salon.admin_id]) {
      assert.equal((await page(user)).body.can_confirm, false);
      assertProblem(await page(user, 'POST', { starts_at: STARTS_AT }), 403);
    }
    assert.equal((await booking()).confirmed_at, null);
    await page(client, 'POST', { starts_at: STARTS_AT });
    assert.equal((await page(salon.admin_id)).body.is_confirmed, true);
  });

  test('confirms no other time than the one that it showed', async (t) => {
    const { api, path, page, client, ask, booking } = await open(t, databases);
    await ask();
    await api.ok('PATCH', path, { starts_at: '2026-12-29T11:00:00Z' });
    assertProblem(await page(client, 'POST', { starts_at: STARTS_AT }), 412);
    assert.equal((await page(client)).body.can_confirm, false);
    assert.equal((await booking()).confirmed_at, null);
    assertProblem(await page(client, 'POST', {}), 422, 'starts_at');
  });

  test('takes no token but its own, and that only while the booking is ahead', async (t) => {
    const { page, client, tokenOf, ask, booking, setNow } = await open(t, databases);
    await ask();
    const token = tokenOf(client);
    const forged = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;
    for (const bad of [forged, token.slice(0, 47), 'test-admin-key', ''])
      assertProblem(await page(client, 'POST', { starts_at: STARTS_AT }, bad), 401);
    setNow(STARTS_AT);
    assertProblem(await page(client, 'POST', { starts_at: STARTS_AT }), 409);
    assert.equal((await page(client)).body.can_confirm, false);
    assert.equal((await booking()).confirmed_at, null);
  });

  test('does not ask for a company that has ceased to ask, or asks with another reminder', async (t) => {
    const { api, company, page, client, ask } = await open(t, databases);
    await ask();
    const asks = async (no_show_ladder: object | null) => {
      await api.ok('PATCH', company, { no_show_ladder });
      return (await page(client)).body.can_confirm;
    };
    assert.equal(await asks({ ...LADDER, call_after_min: null }), true);
    assert.equal(await asks({ ...LADDER, ask: 120, push_after_min: 30, call_after_min: 60 }), false);
    assert.equal(await asks(null), false);
  });
});

describe("a company's ladder", () => {
  test('is off at first, given as a whole, and makes its bookings be looked at again', async (t) => {
    const { api, company, salon } = await open(t);
    assert.equal((await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' })).no_show_ladder, null);
    assert.deepEqual((await api.ok('GET', company)).no_show_ladder, LADDER);
    for (const no_show_ladder of [null, { ...LADDER, push_after_min: null }]) {
      await api.database.write((tx) => tx.execute('DELETE FROM reminder_passes'));
      assert.deepEqual((await api.ok('PATCH', company, { no_show_ladder })).no_show_ladder, no_show_ladder);
      assert.deepEqual(await openPasses(api.database.read(), 10), [salon.company_id]);
    }
    const studio = { name: 'y', time_zone: 'UTC', reminders: [60], no_show_ladder: { ...LADDER, ask: 60 } };
    assertProblem(await api.call('POST', '/v1/companies', studio), 422, 'no_show_ladder.ask');
    const asked = { ask: 60, push_after_min: 10, call_after_min: 30 };
    assert.deepEqual(
      (await api.ok('POST', '/v1/companies', { ...studio, no_show_ladder: asked })).no_show_ladder,
      asked,
    );
  });

  test('asks with one of the reminders, which cannot be taken away from under it', async (t) => {
    const { api, company } = await open(t);
    const refused = async (change: object, field: string) =>
      assertProblem(await api.call('PATCH', company, change), 422, field);
    await refused({ no_show_ladder: { ...LADDER, ask: 600 } }, 'no_show_ladder.ask');
    await refused({ no_show_ladder: { ...LADDER, ask: { evening_before: '19:00' } } }, 'no_show_ladder.ask');
    await refused({ reminders: [120] }, 'reminders');
    await refused({ reminders: [] }, 'reminders');
    await refused({ reminders: [120], no_show_ladder: LADDER }, 'no_show_ladder.ask');
    assert.deepEqual((await api.ok('GET', company)).no_show_ladder, LADDER);
    const evening = {
      reminders: [{ evening_before: '19:00' }],
      no_show_ladder: { ...LADDER, ask: { evening_before: '19:00' } },
    };
    assert.deepEqual((await api.ok('PATCH', company, evening)).no_show_ladder, evening.no_show_ladder);
    await api.ok('PATCH', company, { reminders: [], no_show_ladder: null });
  });

  test('is refused where it makes no sense', async (t) => {
    const { api, company } = await open(t);
    for (const [bad, field] of [
      [{ ...LADDER, push_after_min: 480 }, 'no_show_ladder.call_after_min'],
      [{ ...LADDER, call_after_min: 1440 }, 'no_show_ladder.ask'],
      [{ ...LADDER, push_after_min: 0 }, 'no_show_ladder.push_after_min'],
      [{ ...LADDER, ask: { evening_before: '19:00' }, call_after_min: 2_881 }, 'no_show_ladder.call_after_min'],
      [{ ...LADDER, ask: "1440'; --" }, 'no_show_ladder.ask'],
      [{ ...LADDER, since: 1 }, 'no_show_ladder.since'],
      [{ ask: 1440, push_after_min: 60 }, 'no_show_ladder.call_after_min'],
      [true, 'no_show_ladder'],
      [[], 'no_show_ladder'],
    ] as const)
      assertProblem(await api.call('PATCH', company, { no_show_ladder: bad }), 422, field);
  });
});
