import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, bookingBody, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { User } from '../../db/entities.ts';

describe('a company', () => {
  test('starts with the default settings, and goes with all it has until it has bookings', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const settings = await api.ok('GET', `/v1/notification-settings?company_id=${salon.company_id}`);
    assert.equal(settings.items.length, 12);
    const off = settings.items.filter((setting: { enabled: boolean }) => !setting.enabled);
    assert.deepEqual(
      off.map((setting: { event_type: string; recipient_role: string }) => [
        setting.event_type,
        setting.recipient_role,
      ]),
      [['booking_reminder', 'admin']],
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
    await patch(null);
    await api.ok('DELETE', `/v1/ad-templates/${id}`);
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
