import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { BOOKING_EVENT_TYPES, RECIPIENT_ROLES } from '../../domain/events.ts';
import { MATRIX_MAX_CELLS } from './setting-matrix.ts';

type Cell = Record<string, unknown>;
const CLIENT = { event_type: 'booking_created', recipient_role: 'client' };
const EVERY_CELL = BOOKING_EVENT_TYPES.flatMap((event_type) =>
  RECIPIENT_ROLES.flatMap((recipient_role) =>
    ['all', 'telegram', 'web_push'].map((channel) => ({ event_type, recipient_role, channel, enabled: true })),
  ),
);

describeOnEachDatabase('the notification settings of a company', (databases) => {
  test('are read and set as a whole; what is not named is gone, and what stays keeps its id', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { company_id } = await makeSalon(api);
    const other = await makeSalon(api);
    const path = `/v1/companies/${company_id}/notification-settings`;
    const rows = async (of = company_id) =>
      (await api.ok('GET', `/v1/notification-settings?company_id=${of}`)).items as Cell[];
    const [before, ofOther] = [await rows(), await rows(other.company_id)];
    const { settings } = await api.ok('GET', path);
    assert.equal(settings.length, 15);
    assert.deepEqual(await api.ok('PUT', path, { settings }), { settings });
    assert.deepEqual(await rows(), before);

    const { id: ad_template_id } = await api.ok('POST', '/v1/ad-templates', { company_id, name: 'A', content_tg: 'B' });
    const sent = [
      { ...CLIENT, channel: 'web_push', enabled: false },
      { ...CLIENT, enabled: true, ad_template_id },
    ];
    const whole = [
      { ...CLIENT, channel: 'all', enabled: true, ad_template_id },
      { ...CLIENT, channel: 'web_push', enabled: false, ad_template_id: null },
    ];
    assert.deepEqual(await api.ok('PUT', path, { settings: sent }), { settings: whole });
    assert.deepEqual(await api.ok('GET', path), { settings: whole });
    const kept = before.find((row) => row.event_type === 'booking_created' && row.recipient_role === 'client');
    const now = await rows();
    assert.deepEqual([now.length, now[0]?.id, now[0]?.ad_template_id], [2, kept?.id, ad_template_id]);
    assert.deepEqual(await api.ok('PUT', path, { settings: [] }), { settings: [] });
    assert.deepEqual(await rows(), []);
    assert.deepEqual(await rows(other.company_id), ofOther);
  });

  test('are refused, and stay as they are, where one cell is wrong; it is named by its place', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { company_id } = await makeSalon(api);
    const other = await makeSalon(api);
    const foreign = { company_id: other.company_id, name: 'A', content_tg: 'B' };
    const { id: ad_template_id } = await api.ok('POST', '/v1/ad-templates', foreign);
    const path = `/v1/companies/${company_id}/notification-settings`;
    const before = await api.call('GET', path);
    const good = { ...CLIENT, enabled: false };
    const put = (...settings: unknown[]) => api.call('PUT', path, { settings });
    assertProblem(await put(good, { ...good, event_type: 'party' }), 422, 'settings.1.event_type');
    assertProblem(await put({ ...good, recipient_role: 'boss' }, 7), 422, 'settings.0.recipient_role', 'settings.1');
    assertProblem(await put({ ...good, channel: 'sms', id: 1 }), 422, 'settings.0.channel', 'settings.0.id');
    assertProblem(await put(good, { ...good, channel: 'telegram' }, { ...good, channel: 'all' }), 422, 'settings.2');
    const foreignAd = { ...good, channel: 'telegram', ad_template_id };
    assertProblem(await put(good, foreignAd), 422, 'settings.1.ad_template_id');
    assertProblem(await put(CLIENT), 422, 'settings.0.enabled');
    assertProblem(await api.call('PUT', path, {}), 422, 'settings');
    assertProblem(await api.call('PUT', '/v1/companies/999/notification-settings', { settings: [good] }), 404);
    assert.deepEqual((await api.call('GET', path)).body, before.body);
  });

  test('hold every combination once, not one more', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { company_id } = await makeSalon(api);
    const path = `/v1/companies/${company_id}/notification-settings`;
    assert.equal(EVERY_CELL.length, MATRIX_MAX_CELLS);
    const { settings } = await api.ok('PUT', path, { settings: EVERY_CELL.toReversed() });
    assert.deepEqual(
      settings,
      EVERY_CELL.map((cell) => ({ ...cell, ad_template_id: null })),
    );
    assertProblem(await api.call('PUT', path, { settings: [...EVERY_CELL, EVERY_CELL[0]] }), 422, 'settings');
  });

  test('lose no change of another editor who sends back what they have read', async (t) => {
    const [one, two] = await databases.openTwice(t);
    const apis = [await startTestApi(t, { database: one }), await startTestApi(t, { database: two })] as const;
    const { company_id } = await makeSalon(apis[0]);
    const path = `/v1/companies/${company_id}/notification-settings`;
    const read = await apis[0].call('GET', path);
    const tag = { 'if-match': read.headers.get('etag') ?? '' };
    const replies = await Promise.all(
      apis.map((api, n) => api.call('PUT', path, { settings: [{ ...CLIENT, enabled: n === 0 }] }, tag)),
    );
    assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [200, 412]);
    const winner = replies.find((reply) => reply.status === 200);
    assert.deepEqual((await apis[1].call('GET', path)).body, winner?.body);
  });
});
