import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import type { Database } from '../../db/database.ts';
import type { BookingEventType } from '../../domain/events.ts';
import { createLinkSigner } from '../../links/link-signer.ts';
import { createLinks } from '../../links/links.ts';

const STARTS_AT = new Date('2026-12-28T11:00:00Z');

async function open(t: TestContext, database?: Database) {
  let now = new Date('2026-11-23T10:00:00Z');
  const clock = () => now;
  const linkSigner = createLinkSigner({ secret: Buffer.alloc(32, 3) });
  const links = createLinks({ signer: linkSigner, publicUrl: '', botUsername: () => null, clock });
  const api = await startTestApi(t, { ...(database && { database }), clock, linkSigner });
  const salon = await makeSalon(api);
  const { id: bookingId } = await api.ok('POST', '/v1/bookings', bookingBody(salon));
  const { company_id } = salon;
  const tokenOf = (user_id: number, change = {}, event_type: BookingEventType = 'booking_created'): string =>
    links
      .bookingUrl({ ...{ company_id, user_id, booking_id: bookingId, event_type, starts_at: STARTS_AT }, ...change })
      .slice('/booking#'.length);
  const call = (token: string, method: string, path: string) =>
    api.call(method, path, undefined, { authorization: `Bearer ${token}` });
  return {
    ...api,
    salon,
    bookingId,
    tokenOf,
    look: (token: string) => call(token, 'GET', '/v1/my/booking'),
    cancel: (token: string) => call(token, 'POST', '/v1/my/booking/cancel'),
    fetchRaw: (path: string) => fetch(`http://127.0.0.1:${api.port}${path}`),
    setNow: (text: string) => {
      now = new Date(text);
    },
  };
}

describeOnEachDatabase('/v1/my/booking', (databases) => {
  const openOn = async (t: TestContext) => await open(t, await databases.open(t));

  test('shows the booking to its client, and the client only to those who serve them', async (t) => {
    const api = await openOn(t);
    const { body, status } = await api.look(api.tokenOf(api.salon.client_id));
    assert.equal(status, 200);
    const { calendar_url, ...facts } = body;
    assert.match(calendar_url, /^booking\.ics\?token=[\w-]{48}$/);
    assert.deepEqual(facts, {
      id: api.bookingId,
      status: 'created',
      version: 1,
      starts_at: '2026-12-28T11:00:00.000Z',
      ends_at: '2026-12-28T12:00:00.000Z',
      duration_min: 60,
      time_zone: 'Europe/Moscow',
      company_name: 'Салон',
      service_name: 'Стрижка',
      specialist_name: 'Анна',
      location_name: 'Центр',
      client: null,
      role: 'client',
      locale: 'ru',
      can_cancel: true,
      is_confirmed: false,
      can_confirm: false,
      ad_html: null,
      ad_legal: null,
    });
    for (const [user, role] of [
      [api.salon.specialist_id, 'specialist'],
      [api.salon.admin_id, 'admin'],
    ] as const) {
      const seen = (await api.look(api.tokenOf(user))).body;
      assert.deepEqual([seen.role, seen.client], [role, { name: 'Иван Петров', phone: '+7 999 123-45-67' }]);
    }
  });

  test('cancels once, in the name of who did it', async (t) => {
    const api = await openOn(t);
    const token = api.tokenOf(api.salon.client_id);
    const { status, body } = await api.cancel(token);
    assert.deepEqual([status, body.status, body.can_cancel, body.version], [200, 'cancelled', false, 2]);
    assertProblem(await api.cancel(token), 409);
    const [, cancelled, ...others] = await api.outbox();
    assert.deepEqual(others, []);
    assert.equal(cancelled?.type, 'booking_cancelled');
    assert.deepEqual(cancelled?.initiated_by, { user_id: api.salon.client_id, role: 'client', channel: 'web' });
    assert.equal(api.wakes(), 2);
  });

  test('carries the legal line with the ad alone, as text', async (t) => {
    const api = await openOn(t);
    const { company_id, client_id } = api.salon;
    await api.ok('PATCH', `/v1/companies/${company_id}`, { ad_advertiser: 'ООО <b>', ad_marking_token: '2Vt' });
    const token = api.tokenOf(client_id);
    const adOf = async () => {
      const { ad_html, ad_legal } = (await api.look(token)).body;
      return [ad_html, ad_legal];
    };
    assert.deepEqual(await adOf(), [null, null]);
    const ad = { company_id, name: 'Ad', content_tg: 'x', content_html: '<b>Скидка</b>' };
    const { id: ad_template_id } = await api.ok('POST', '/v1/ad-templates', ad);
    const setting = { company_id, event_type: 'booking_created', recipient_role: 'client', channel: 'web_push' };
    await api.ok('POST', '/v1/notification-settings', { ...setting, ad_template_id });
    assert.deepEqual(await adOf(), ['<b>Скидка</b>', 'Реклама. ООО <b>. erid: 2Vt']);
    await api.ok('PATCH', `/v1/users/${client_id}`, { locale: 'en' });
    await api.ok('PATCH', `/v1/companies/${company_id}`, { ad_marking_token: null });
    assert.deepEqual(await adOf(), ['<b>Скидка</b>', 'Ad. ООО <b>']);
  });

  test('carries the ad of what the person was told, in their role, over Web Push, sanitised', async (t) => {
    const api = await openOn(t);
    const { company_id, client_id, specialist_id } = api.salon;
    const ad = { company_id, name: 'Ad', content_tg: 'x', content_html: '<b>Скидка</b><script>x</script>' };
    const { id: ad_template_id } = await api.ok('POST', '/v1/ad-templates', ad);
    const setting = { company_id, event_type: 'booking_reminder', recipient_role: 'client', channel: 'web_push' };
    const { id } = await api.ok('POST', '/v1/notification-settings', { ...setting, ad_template_id });
    const adOf = async (user: number, type: BookingEventType) =>
      (await api.look(api.tokenOf(user, {}, type))).body.ad_html;
    assert.equal(await adOf(client_id, 'booking_reminder'), '<b>Скидка</b>');
    await api.ok('PATCH', `/v1/users/${client_id}`, { ads_opt_out: true });
    assert.equal(await adOf(client_id, 'booking_reminder'), null);
    await api.ok('PATCH', `/v1/users/${client_id}`, { ads_opt_out: false });
    assert.equal(await adOf(client_id, 'booking_created'), null);
    assert.equal(await adOf(specialist_id, 'booking_reminder'), null);
    const adPath = `/v1/ad-templates/${ad_template_id}`;
    await api.ok('PATCH', adPath, { valid_until: '2026-11-23T09:59:59Z' });
    assert.equal(await adOf(client_id, 'booking_reminder'), null);
    await api.ok('PATCH', adPath, { valid_until: null, content_html: null });
    assert.equal(await adOf(client_id, 'booking_reminder'), null);
    await api.ok('PATCH', adPath, { content_html: '<script>x</script>' });
    assert.equal(await adOf(client_id, 'booking_reminder'), null);
    await api.ok('PATCH', adPath, { content_html: 'x' });
    await api.ok('PATCH', `/v1/notification-settings/${id}`, { enabled: false });
    assert.equal(await adOf(client_id, 'booking_reminder'), null);
  });
});

describe('the page of a booking', () => {
  test('is closed to whom the booking does not concern', async (t) => {
    const api = await open(t);
    const stranger = await makeSalon(api);
    const { company_id } = api.salon;
    const make = async (role: string) => (await api.ok('POST', '/v1/users', { company_id, role, name: 'Вера' })).id;
    for (const user of [await make('client'), await make('specialist')])
      for (const ask of [api.look, api.cancel]) assertProblem(await ask(api.tokenOf(user)), 404);
    // Neither a user of another company with a token of this one, nor the other way round.
    for (const token of [
      api.tokenOf(stranger.admin_id),
      api.tokenOf(stranger.admin_id, { company_id: stranger.company_id }),
      api.tokenOf(api.salon.client_id, { booking_id: 999_999 }),
    ])
      for (const ask of [api.look, api.cancel]) assertProblem(await ask(token), 404);
    await api.ok('PATCH', `/v1/bookings/${api.bookingId}`, { specialist_id: await make('specialist') });
    assertProblem(await api.look(api.tokenOf(api.salon.specialist_id)), 404);
    assert.equal((await api.look(api.tokenOf(api.salon.client_id))).body.status, 'created');
  });

  test('opens by its own link only, and not for ever', async (t) => {
    const api = await open(t);
    const token = api.tokenOf(api.salon.client_id);
    const { subscribe_url } = await api.ok('POST', `/v1/users/${api.salon.client_id}/link`);
    const { calendar_url } = (await api.look(token)).body;
    for (const other of ['', 'test-admin-key', subscribe_url.split('#')[1], calendar_url.split('=')[1]])
      for (const ask of [api.look, api.cancel]) assertProblem(await ask(other), 401);
    api.setNow('2027-01-27T11:00:00Z');
    assertProblem(await api.look(token), 401);
  });

  test('cannot cancel what has begun', async (t) => {
    const api = await open(t);
    const token = api.tokenOf(api.salon.client_id);
    api.setNow(STARTS_AT.toISOString());
    assert.equal((await api.look(token)).body.can_cancel, false);
    assertProblem(await api.cancel(token), 409);
    assert.equal((await api.outbox()).length, 1);
  });
});

describe('/booking.ics', () => {
  test('puts the booking into a calendar, and takes it out again under the same UID', async (t) => {
    const api = await open(t);
    const token = api.tokenOf(api.salon.client_id);
    const file = async () => {
      const reply = await api.fetchRaw(`/${(await api.look(token)).body.calendar_url}`);
      assert.deepEqual([reply.status, reply.headers.get('content-type')], [200, 'text/calendar; charset=utf-8']);
      assert.match(reply.headers.get('content-disposition') ?? '', /^attachment; filename="booking-\d+\.ics"$/);
      return (await reply.text()).split('\r\n');
    };
    const lines = await file();
    for (const line of [
      ...['BEGIN:VCALENDAR', 'METHOD:PUBLISH', `UID:booking-${api.bookingId}@vestnik`, 'SEQUENCE:0'],
      ...['DTSTART:20261228T110000Z', 'DTEND:20261228T120000Z', 'SUMMARY:Стрижка · Салон'],
      ...['LOCATION:Салон\\, Центр', 'DESCRIPTION:Анна', 'STATUS:CONFIRMED'],
    ])
      assert.equal(lines.includes(line), true, `${line} in ${lines.join('\n')}`);
    await api.cancel(token);
    const later = await file();
    for (const line of [`UID:booking-${api.bookingId}@vestnik`, 'SEQUENCE:1', 'STATUS:CANCELLED'])
      assert.equal(later.includes(line), true, line);
  });

  test('is fetched with a token of its own that ends after an hour', async (t) => {
    const api = await open(t);
    const token = api.tokenOf(api.salon.client_id);
    const { calendar_url } = (await api.look(token)).body;
    const statusOf = async (path: string) => (await api.fetchRaw(path)).status;
    assert.equal(await statusOf(`/booking.ics?token=${token}`), 401);
    assert.equal(await statusOf('/booking.ics'), 400);
    api.setNow('2026-11-23T11:00:00Z');
    assert.equal(await statusOf(`/${calendar_url}`), 401);
  });
});
