import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, makeSalon, startTestApi, type TestSalon } from '#test/support/api.ts';
import { markTelegramUnreachable } from '../../db/reachability.ts';

interface Example {
  path: string;
  /** What the answer to POST holds besides the id. */
  whole: Record<string, unknown>;
  minimal: string[];
  change: Record<string, unknown>;
  /** One bad value of each field. */
  bad: Record<string, unknown>;
  /** A filter that finds the row. */
  filter: string;
}

/** One of each resource in the salon's company. */
const examples = ({ company_id }: TestSalon): Example[] => [
  {
    path: '/v1/companies',
    whole: {
      name: 'Клиника',
      time_zone: 'Asia/Yekaterinburg',
      ad_advertiser: 'ООО «Ромашка»',
      ad_marking_token: '2VtzqwX',
      reminders: [43_200, { evening_before: '19:00' }, 1],
      merge_moves_s: 300,
      day_list_at: '00:00',
      no_show_ladder: { ask: { evening_before: '19:00' }, push_after_min: 60, call_after_min: null },
    },
    minimal: ['name', 'time_zone'],
    change: {
      time_zone: 'UTC',
      ad_advertiser: null,
      ad_marking_token: '😀'.repeat(64),
      reminders: [],
      merge_moves_s: 0,
      day_list_at: null,
      no_show_ladder: null,
    },
    bad: {
      name: ' ',
      time_zone: 'Mars/Olympus',
      ad_advertiser: 'я'.repeat(129),
      ad_marking_token: ' ',
      reminders: [60, 60],
      merge_moves_s: 301,
      day_list_at: '24:00',
    },
    filter: 'time_zone=Asia/Yekaterinburg',
  },
  {
    path: '/v1/locations',
    whole: { company_id, name: 'Север', time_zone: 'Europe/Samara' },
    minimal: ['company_id', 'name'],
    change: { time_zone: null },
    bad: { company_id: '1', name: 7, time_zone: '+03:00' },
    filter: `company_id=${company_id}&name=${encodeURIComponent('Север')}`,
  },
  {
    path: '/v1/services',
    whole: { external_id: 's-1', company_id, name: 'Маникюр', duration_min: 45 },
    minimal: ['company_id', 'name', 'duration_min'],
    change: { duration_min: 50, external_id: null },
    bad: { company_id: 0, name: 'x'.repeat(5001), duration_min: 0, external_id: 5 },
    filter: 'external_id=s-1&duration_min=45',
  },
  {
    path: '/v1/users',
    whole: {
      external_id: 'u-1',
      company_id,
      role: 'client',
      name: '<b>&"😀 عمر',
      phone: '+7 (999) 000',
      tg_id: 2 ** 52,
      locale: 'en',
      time_zone: 'Asia/Tokyo',
      quiet_hours: { broadcasts: null, messages: { from: '23:30', to: '07:00' } },
      ads_opt_out: true,
      telegram_unreachable: null,
      web_push_unreachable: null,
      erased_at: null,
    },
    minimal: ['company_id', 'role', 'name'],
    change: { name: '😀'.repeat(5000), tg_id: null, ads_opt_out: false, role: 'admin', time_zone: null },
    bad: {
      role: 'owner',
      name: 'a\0b',
      phone: '1'.repeat(33),
      tg_id: 2 ** 52 + 2,
      locale: 'de',
      time_zone: 'CET',
      quiet_hours: null,
      ads_opt_out: 1,
      telegram_unreachable: null,
    },
    filter: `tg_id=${2 ** 52}&ads_opt_out=true&role=client&time_zone=Asia/Tokyo`,
  },
  {
    path: '/v1/notification-settings',
    whole: {
      event_type: 'booking_created',
      recipient_role: 'client',
      channel: 'web_push',
      enabled: false,
      ad_template_id: null,
      company_id,
    },
    minimal: ['event_type', 'recipient_role', 'channel', 'company_id'],
    change: { enabled: true },
    bad: { event_type: 'party', recipient_role: 'cook', channel: 'sms', enabled: 'no', ad_template_id: 99 },
    filter: 'channel=web_push&enabled=false',
  },
  {
    path: '/v1/ad-templates',
    whole: {
      name: 'Весна',
      content_tg: '<b>Скидка</b> 20 %',
      content_html: '<p>Скидка</p>',
      active: false,
      valid_until: '2027-03-01T00:00:00.000Z',
      company_id,
    },
    minimal: ['name', 'content_tg', 'company_id'],
    change: { active: true, valid_until: null },
    bad: { name: '', content_tg: '<b>open', content_html: 1, active: null, valid_until: '2027-03-01' },
    filter: 'active=false',
  },
];

describe('every resource', () => {
  test('is created, read, listed, changed and deleted', async (t) => {
    const api = await startTestApi(t);
    for (const { path, whole, change, filter } of examples(await makeSalon(api))) {
      const created = await api.call(
        'POST',
        path,
        omit(whole, 'telegram_unreachable', 'web_push_unreachable', 'erased_at'),
      );
      assert.equal(created.status, 201, JSON.stringify(created.body));
      const { id, created_at: _, ...rest } = created.body;
      assert.deepEqual(rest, whole);
      const item = `${path}/${id}`;
      assert.deepEqual(await api.ok('GET', item), created.body);
      assert.deepEqual(await api.ok('GET', `${path}?${filter}`), { items: [created.body], next_cursor: null });
      const changed = { ...created.body, ...change };
      assert.deepEqual(await api.ok('PATCH', item, change), changed);
      assert.deepEqual(await api.ok('PATCH', item, {}), changed);
      assert.deepEqual(await api.ok('GET', item), changed);
      assert.equal((await api.call('DELETE', item)).status, 204);
      for (const method of ['GET', 'DELETE']) assertProblem(await api.call(method, item), 404);
      assertProblem(await api.call('PATCH', item, change), 404);
    }
  });

  test('needs only what has no default, and says what is missing', async (t) => {
    const api = await startTestApi(t);
    for (const { path, whole, minimal } of examples(await makeSalon(api))) {
      const reply = await api.call('POST', path, {});
      assert.equal(reply.status, 422);
      const required = reply.body.errors.map(({ field }: { field: string }) => field);
      assert.deepEqual(required.sort(), minimal.filter((field) => field !== 'channel').sort());
      await api.ok('POST', path, Object.fromEntries(minimal.map((field) => [field, whole[field]])));
    }
  });

  test('refuses bad values by naming the field, when created and when changed', async (t) => {
    const api = await startTestApi(t);
    for (const { path, whole, bad } of examples(await makeSalon(api))) {
      const good = omit(whole, 'telegram_unreachable', 'web_push_unreachable', 'erased_at');
      const { id } = await api.ok('POST', path, good);
      for (const [field, value] of Object.entries(bad)) {
        assertProblem(await api.call('POST', path, { ...good, [field]: value }), 422, field);
        assertProblem(await api.call('PATCH', `${path}/${id}`, { [field]: value }), 422, field);
      }
      assertProblem(await api.call('PATCH', `${path}/${id}`, { id: 7, secret: 1 }), 422, 'id', 'secret');
    }
  });

  test('asks for the key, for JSON, and for methods and parameters it has', async (t) => {
    const api = await startTestApi(t);
    for (const { path } of examples(await makeSalon(api))) {
      const calls = [
        ['GET', path],
        ['POST', path],
        ['GET', `${path}/1`],
        ['PATCH', `${path}/1`],
        ['DELETE', `${path}/1`],
      ];
      for (const [method = '', url = ''] of calls) {
        for (const authorization of ['', 'Bearer wrong', 'Basic dGVzdA=='])
          assertProblem(await api.call(method, url, undefined, { authorization }), 401);
        if (method === 'GET') assertProblem(await api.call(method, `${url}?nope=1`), 400, 'nope');
        if (method === 'GET' || method === 'DELETE') continue;
        assertProblem(await api.call(method, url, '{"name":}'), 400, 'body');
        assertProblem(await api.call(method, url, '{}', { 'content-type': 'text/plain' }), 415);
      }
      assertProblem(await api.call('PUT', path, {}), 405);
      assertProblem(await api.call('DELETE', path), 405);
      assertProblem(await api.call('GET', `${path}/1/2`), 404);
    }
  });

  test('finds users by what Telegram said, and nobody by an external id that no one has', async (t) => {
    const api = await startTestApi(t);
    const { company_id } = await makeSalon(api);
    const user = await api.ok('POST', '/v1/users', { company_id, role: 'client', name: 'Ы', tg_id: 7, phone: '' });
    assert.equal(user.phone, '');
    await markTelegramUnreachable(api.database, { userId: user.id, chatId: 7, reason: 'blocked', now: new Date() });
    const ids = async (filter: string) =>
      (await api.ok('GET', `/v1/users?${filter}`)).items.map(({ id }: { id: number }) => id);
    assert.deepEqual(await ids('telegram_unreachable=blocked'), [user.id]);
    assert.deepEqual(await ids('web_push_unreachable=blocked'), []);
    for (const path of ['/v1/users', '/v1/services', '/v1/bookings'])
      assert.deepEqual((await api.ok('GET', `${path}?external_id=`)).items, []);
    assertProblem(await api.call('GET', '/v1/users?name=%00'), 400, 'name');
  });

  test('stays in its company', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    for (const { path, whole } of examples(salon).slice(1)) {
      const good = omit(whole, 'telegram_unreachable', 'web_push_unreachable', 'erased_at');
      assertProblem(await api.call('POST', path, { ...good, company_id: 999 }), 422, 'company_id');
      const { id } = await api.ok('POST', path, good);
      assertProblem(await api.call('PATCH', `${path}/${id}`, { company_id: other.company_id }), 422, 'company_id');
    }
  });
});

function omit(row: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}
