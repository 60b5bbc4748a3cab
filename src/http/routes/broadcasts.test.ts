import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, startTestApi, type TestApi } from '#test/support/api.ts';

const CLOCK = { clock: () => new Date('2026-11-23T10:00:00Z') };

async function withCompany(api: TestApi) {
  const { id: company_id } = await api.ok('POST', '/v1/companies', { name: 'Весна', time_zone: 'Europe/Moscow' });
  const { id: user_id } = await api.ok('POST', '/v1/users', { company_id, role: 'client', name: 'Иван', tg_id: 5 });
  const body = { company_id, audience: {}, content: { tg_html: '<b>Скидки</b>' } };
  return { company_id, user_id, body };
}

describe('/v1/broadcasts', () => {
  test('takes a broadcast and shows it with its progress', async (t) => {
    const api = await startTestApi(t, CLOCK);
    const { body, company_id } = await withCompany(api);
    const wakes = api.wakes();
    const reply = await api.call('POST', '/v1/broadcasts', body, { 'x-initiated-by-channel': 'crm' });
    assert.equal(reply.status, 202);
    assert.equal(api.wakes(), wakes + 1);
    const { id } = reply.body;
    assert.deepEqual(reply.body, {
      ...{ id, company_id, status: 'scheduled', audience: {}, content: body.content, ad_template_id: null },
      ...{ allow_paid: false, is_test: false },
      initiated_by: { user_id: null, role: 'system', channel: 'crm' },
      ...{ send_at: '2026-11-23T10:00:00.000Z', created_at: '2026-11-23T10:00:00.000Z' },
      ...{ audience_size: null, started_at: null, finished_at: null },
      progress: {
        ...{ sent: 0, sent_by: { telegram: 0, web_push: 0 }, failed: 0, failed_by: {} },
        ...{ suppressed: 0, suppressed_by: {}, remaining: null, waiting_quiet: 0, rate_per_second: 0, eta: null },
      },
    });
    assert.deepEqual(await api.ok('GET', `/v1/broadcasts/${id}`), reply.body);
    const list = await api.ok('GET', `/v1/broadcasts?company_id=${company_id}&status=scheduled`);
    assert.deepEqual(list, { items: [reply.body], next_cursor: null });
    assert.deepEqual((await api.ok('GET', '/v1/broadcasts?status=paused')).items, []);
  });

  test('acts once under an Idempotency-Key', async (t) => {
    const api = await startTestApi(t);
    const { body } = await withCompany(api);
    const key = { 'idempotency-key': 'sale-1' };
    const [first, second] = [
      await api.call('POST', '/v1/broadcasts', body, key),
      await api.call('POST', '/v1/broadcasts', body, key),
    ];
    assert.deepEqual([second.body, second.headers.get('idempotency-replayed')], [first.body, 'true']);
    assert.equal((await api.ok('GET', '/v1/broadcasts')).items.length, 1);
    const retry = `/v1/broadcasts/${first.body.id}/pause`;
    await api.ok('POST', retry, undefined, { 'idempotency-key': 'pause-1' });
    await api.ok('POST', `/v1/broadcasts/${first.body.id}/resume`);
    const replayed = await api.ok('POST', retry, undefined, { 'idempotency-key': 'pause-1' });
    assert.equal(replayed.status, 'paused');
    assert.equal((await api.ok('GET', `/v1/broadcasts/${first.body.id}`)).status, 'scheduled');
  });

  test('names what is wrong with a broadcast', async (t) => {
    const api = await startTestApi(t, CLOCK);
    const { body, company_id } = await withCompany(api);
    const other = await withCompany(api);
    const ad = { name: 'ad', content_tg: 'x'.repeat(2700), company_id: other.company_id };
    const foreign = await api.ok('POST', '/v1/ad-templates', ad);
    const long = await api.ok('POST', '/v1/ad-templates', { ...ad, company_id });
    const html = (tg_html: string) => ({ content: { tg_html } });
    const push = (change: object) => ({
      content: { ...body.content, push: { title: 't', body: 'b', url: 'https://salon.example/', ...change } },
    });
    const wrong: [object, string][] = [
      [{ company_id: 999 }, 'company_id'],
      [{ company_id: undefined }, 'company_id'],
      [{ audience: undefined }, 'audience'],
      [{ audience: { roles: [] } }, 'audience.roles'],
      [{ audience: { roles: ['boss'] } }, 'audience.roles.0'],
      [{ audience: { user_ids: [0] } }, 'audience.user_ids.0'],
      [{ audience: { user_ids: Array.from({ length: 10_001 }, (_, index) => index + 1) } }, 'audience.user_ids'],
      [{ audience: { locales: ['xx'] } }, 'audience.locales.0'],
      [{ audience: { not_seen_since: 'yesterday' } }, 'audience.not_seen_since'],
      [{ audience: { everybody: true } }, 'audience.everybody'],
      [html('<b>open'), 'content.tg_html'],
      [html('<script>x</script>'), 'content.tg_html'],
      [html('   '), 'content.tg_html'],
      [html('<b></b>'), 'content.tg_html'],
      [html('x'.repeat(3701)), 'content.tg_html'],
      [html('\ud800'), 'content.tg_html'],
      [{ ...html('x'.repeat(1001)), ad_template_id: long.id }, 'content.tg_html'],
      [push({ url: 'http://salon.example/' }), 'content.push.url'],
      [push({ url: 'javascript:alert(1)' }), 'content.push.url'],
      [push({ url: 'https://' }), 'content.push.url'],
      [push({ title: '' }), 'content.push.title'],
      [push({ icon: 'x' }), 'content.push.icon'],
      [{ ad_template_id: foreign.id }, 'ad_template_id'],
      [{ send_at: '2026-11-24' }, 'send_at'],
      [{ send_at: '2028-01-01T00:00:00Z' }, 'send_at'],
      [{ allow_paid: 1 }, 'allow_paid'],
      [{ status: 'running' }, 'status'],
    ];
    for (const [change, field] of wrong)
      for (const path of ['/v1/broadcasts', '/v1/broadcasts/preview']) {
        const reply = await api.call('POST', path, { ...body, ...change });
        assertProblem(reply, 422, field);
      }
    assert.deepEqual((await api.ok('GET', '/v1/broadcasts')).items, []);
    const fits = { ...body, ...html('x'.repeat(1000)), ad_template_id: long.id };
    assert.equal((await api.call('POST', '/v1/broadcasts', fits)).status, 202);
  });

  test('leads from state to state, and refuses what the state does not allow', async (t) => {
    const api = await startTestApi(t);
    const { body } = await withCompany(api);
    const { id } = await api.ok('POST', '/v1/broadcasts', { ...body, send_at: '2026-12-01T00:00:00Z' });
    const act = (name: string) => api.call('POST', `/v1/broadcasts/${id}/${name}`);
    const states: [string, number, string][] = [
      ['retry-failed', 409, 'scheduled'],
      ['resume', 409, 'scheduled'],
      ['pause', 200, 'paused'],
      ['pause', 200, 'paused'],
      ['resume', 200, 'scheduled'],
      ['cancel', 200, 'cancelled'],
      ['cancel', 200, 'cancelled'],
      ['pause', 409, 'cancelled'],
      ['resume', 409, 'cancelled'],
      ['retry-failed', 409, 'cancelled'],
    ];
    for (const [name, status, then] of states) {
      const reply = await act(name);
      assert.equal(reply.status, status, name);
      if (status === 409) assert.equal(reply.body.code, 'broadcast_state');
      assert.equal((await api.ok('GET', `/v1/broadcasts/${id}`)).status, then, name);
    }
    for (const path of ['/v1/broadcasts/999', '/v1/broadcasts/x']) assertProblem(await api.call('GET', path), 404);
    assertProblem(await api.call('POST', '/v1/broadcasts/999/pause'), 404);
    assertProblem(await api.call('POST', `/v1/broadcasts/${id}/explode`), 404);
  });

  test('tells in a preview what the first of its audience would see', async (t) => {
    const api = await startTestApi(t, CLOCK);
    const { body, company_id, user_id } = await withCompany(api);
    await api.ok('PATCH', `/v1/companies/${company_id}`, { ad_advertiser: 'ООО «Весна»', ad_marking_token: '2Vtzq' });
    const other = await withCompany(api);
    const ad_template_id = (
      await api.ok('POST', '/v1/ad-templates', { name: 'ad', content_tg: '<i>Чай</i>', company_id })
    ).id;
    const preview = await api.ok('POST', '/v1/broadcasts/preview', { ...body, ad_template_id });
    assert.deepEqual(preview, {
      audience_size: 1,
      reached_by: { telegram: 1, web_push: 0 },
      ...{ opted_out: 0, unreachable: 0, no_channel: 0, waiting_quiet: 0, duration_s: 1 },
      ...{ eta: '2026-11-23T10:00:01.000Z', test: null },
      sample: {
        user_id,
        html: '🏢 Весна\n\n<b>Скидки</b>\n\n<i>Чай</i>\n\nРеклама. ООО «Весна». erid: 2Vtzq',
        buttons: ['🔕 Не присылать рекламу'],
      },
    });
    await api.ok('PATCH', `/v1/users/${user_id}`, { time_zone: 'America/New_York' });
    const atNight = await api.ok('POST', '/v1/broadcasts/preview', body);
    assert.deepEqual([atNight.waiting_quiet, atNight.eta], [1, '2026-11-23T13:00:01.000Z']);
    const nobody = { ...body, audience: { user_ids: [other.user_id] } };
    assert.equal((await api.ok('POST', '/v1/broadcasts/preview', nobody)).sample, null);
    assert.deepEqual((await api.ok('GET', '/v1/broadcasts')).items, []);
  });
});
