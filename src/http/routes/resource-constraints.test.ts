import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, type Reply, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { Broadcast } from '../../db/broadcast-entities.ts';
import { User } from '../../db/entities.ts';

/** Two that differ in their external ids alone, or as said. */
const twins = (one: object, other = one) => ({
  one: { ...one, external_id: 'x-1' },
  other: { ...other, external_id: 'x-2' },
});

describe('a company', () => {
  test('starts with the default settings, and goes with all it has until it has bookings', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const settings = await api.ok('GET', `/v1/notification-settings?company_id=${salon.company_id}`);
    assert.equal(settings.items.length, 15);
    const off = settings.items.filter((setting: { enabled: boolean }) => !setting.enabled);
    assert.deepEqual(
      off.map((setting: { event_type: string; recipient_role: string }) => [
        setting.event_type,
        setting.recipient_role,
      ]),
      [
        ['booking_reminder', 'admin'],
        ['booking_unconfirmed', 'specialist'],
      ],
    );
    await api.ok('POST', '/v1/bookings', bookingBody(salon));
    for (const path of [
      `/v1/companies/${salon.company_id}`,
      `/v1/users/${salon.client_id}`,
      `/v1/users/${salon.specialist_id}`,
      `/v1/services/${salon.service_id}`,
      `/v1/locations/${salon.location_id}`,
    ])
      assertProblem(await api.call('DELETE', path), 409);
    await api.ok('DELETE', `/v1/users/${salon.admin_id}`);
    const other = await makeSalon(api);
    await api.ok('DELETE', `/v1/companies/${other.company_id}`);
    assertProblem(await api.call('GET', `/v1/users/${other.client_id}`), 404);
  });
});

describeOnEachDatabase('constraints between rows', (databases) => {
  test('refuse a second setting of one kind, and an external id twice in a company', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { company_id } = await makeSalon(api);
    const setting = { company_id, event_type: 'booking_created', recipient_role: 'admin' };
    const reply = await api.call('POST', '/v1/notification-settings', setting);
    assertProblem(reply, 409, 'event_type', 'recipient_role', 'channel');
    const user = { company_id, role: 'client', name: 'Пётр', external_id: 'u-1' };
    await api.ok('POST', '/v1/users', user);
    assertProblem(await api.call('POST', '/v1/users', user), 409, 'external_id');
  });

  test('name the fields of which a second would be one too many, at creation and at a change', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const salon = await makeSalon(api);
    const { company_id } = salon;
    const setting = { company_id, event_type: 'booking_created', recipient_role: 'admin', channel: 'telegram' };
    const at = (starts_at: string) => ({ ...bookingBody(salon), starts_at });
    const cases: [string, { one: object; other: object }, string[]][] = [
      ['/v1/users', twins({ company_id, role: 'client', name: 'A' }), ['external_id']],
      ['/v1/services', twins({ company_id, name: 'A', duration_min: 5 }), ['external_id']],
      ['/v1/bookings', twins(at('2026-12-28T09:00:00Z'), at('2026-12-28T11:00:00Z')), ['external_id']],
      [
        '/v1/notification-settings',
        { one: setting, other: { ...setting, channel: 'web_push' } },
        ['event_type', 'recipient_role', 'channel'],
      ],
    ];
    for (const [path, { one, other }, fields] of cases) {
      await api.ok('POST', path, one);
      const { id } = await api.ok('POST', path, other);
      const taken = 'external_id' in one ? { external_id: one.external_id } : { channel: 'telegram' };
      const twice = [
        await api.call('POST', path, { ...other, ...taken }),
        await api.call('PATCH', `${path}/${id}`, taken),
      ];
      const codes = twice.map((reply) => reply.body.code);
      // A booking of the same hour overlaps first.
      if (path === '/v1/bookings') assert.deepEqual(codes, ['booking_overlap', 'already_exists']);
      else assert.deepEqual(codes, ['already_exists', 'already_exists'], path);
      assertProblem(twice[1] as Reply, 409, ...fields);
    }
    const elsewhere = await makeSalon(api);
    const same = { company_id: elsewhere.company_id, role: 'client', name: 'A', external_id: 'x-1' };
    await api.ok('POST', '/v1/users', same);
  });

  test('keep an ad template while settings use it, and within its company', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    const template = { company_id: salon.company_id, name: 'Ad', content_tg: 'Скидка' };
    const { id } = await api.ok('POST', '/v1/ad-templates', template);
    const foreign = await api.ok('POST', '/v1/ad-templates', { ...template, company_id: other.company_id });
    const [setting] = (await api.ok('GET', `/v1/notification-settings?company_id=${salon.company_id}`)).items;
    const patch = (ad_template_id: number | null) =>
      api.call('PATCH', `/v1/notification-settings/${setting.id}`, { ad_template_id });
    assertProblem(await patch(foreign.id), 422, 'ad_template_id');
    assert.equal((await patch(id)).status, 200);
    const refused = await api.call('DELETE', `/v1/ad-templates/${id}`);
    assertProblem(refused, 409);
    assert.match(refused.body.detail, new RegExp(`settings ${setting.id}$`));
    assert.deepEqual(refused.body.used_by, { notification_settings: [setting.id] });
    const broadcast = { company_id: salon.company_id, audience: {}, content: { tg_html: 'x' }, ad_template_id: id };
    const [first, second] = [
      await api.ok('POST', '/v1/broadcasts', broadcast),
      await api.ok('POST', '/v1/broadcasts', broadcast),
    ];
    const both = await api.call('DELETE', `/v1/ad-templates/${id}`);
    const used_by = { notification_settings: [setting.id], broadcasts: [first.id, second.id] };
    assert.deepEqual([both.status, both.body.used_by], [409, used_by]);
    await patch(null);
    const byBroadcasts = await api.call('DELETE', `/v1/ad-templates/${id}`);
    assert.deepEqual([byBroadcasts.status, byBroadcasts.body.used_by], [409, { broadcasts: [first.id, second.id] }]);
    await api.database.write((tx) => tx.nativeDelete(Broadcast, { ad_template_id: id }));
    await api.ok('DELETE', `/v1/ad-templates/${id}`);
  });

  test('take times of the years 1900 to 9999, as both databases do', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const salon = await makeSalon(api);
    const book = (starts_at: string) => api.call('POST', '/v1/bookings', { ...bookingBody(salon), starts_at });
    const advertise = (valid_until: string) =>
      api.call('POST', '/v1/ad-templates', { company_id: salon.company_id, name: 'A', content_tg: 'B', valid_until });
    for (const out of ['0000-01-01T00:00:00Z', '1900-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01']) {
      assertProblem(await book(out), 422, 'starts_at');
      assertProblem(await advertise(out), 422, 'valid_until');
    }
    const [first, last] = ['1900-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'];
    const booking = await api.ok('GET', `/v1/bookings/${(await book(first)).body.id}`);
    assert.equal(booking.starts_at, first);
    assertProblem(await book(first), 409, 'starts_at');
    for (const valid_until of [first, last]) {
      const { body } = await advertise(valid_until);
      assert.equal((await api.ok('GET', `/v1/ad-templates/${body.id}`)).valid_until, valid_until);
    }
    const all = await api.ok(
      'GET',
      `/v1/bookings?starts_from=0000-01-01T00:00:00Z&starts_to=9999-12-31T23:59:59-10:00`,
    );
    assert.equal(all.items.length, 1);
  });

  test('limit an ad by what it shows', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { company_id } = await makeSalon(api);
    const post = (content_tg: string) => api.call('POST', '/v1/ad-templates', { company_id, name: 'Ad', content_tg });
    assert.equal((await post(`<b>${'x'.repeat(3000)}</b>`)).status, 201);
    assertProblem(await post('x'.repeat(3001)), 422, 'content_tg');
    assertProblem(await post('<b> </b>'), 422, 'content_tg');
  });

  test('make a user reachable again when their Telegram account is set', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { specialist_id: id } = await makeSalon(api);
    const block = () => api.database.write((tx) => tx.nativeUpdate(User, { id }, { telegram_unreachable: 'blocked' }));
    await block();
    assert.equal((await api.ok('PATCH', `/v1/users/${id}`, { name: 'Анна К.' })).telegram_unreachable, 'blocked');
    assert.equal((await api.ok('PATCH', `/v1/users/${id}`, { tg_id: 42 })).telegram_unreachable, null);
    assert.equal((await api.ok('GET', `/v1/users/${id}`)).telegram_unreachable, null);
  });
});
