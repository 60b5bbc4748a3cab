import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, makeSalon, startTestApi } from '#test/support/api.ts';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { Schedule } from '../../db/entities.ts';

const NOW = '2026-11-23T10:00:00.000Z';
const clock = () => new Date(NOW);
const DAY = { from: '10:00', to: '19:00', breaks: [{ from: '13:00', to: '14:00' }] };
const WEEK = { monday: DAY, tuesday: DAY, wednesday: null, thursday: null, friday: null, saturday: null, sunday: null };
const DEFAULT_DAY = { from: '09:00', to: '21:00', breaks: [] };

describeOnEachDatabase('working hours', (databases) => {
  test('are set, replaced, read and removed, of a specialist and of a location', async (t) => {
    const api = await startTestApi(t, { clock, database: await databases.open(t) });
    const { specialist_id, location_id } = await makeSalon(api);
    const owners = [
      { path: `/v1/users/${specialist_id}/schedule`, owner: { user_id: specialist_id } },
      { path: `/v1/locations/${location_id}/schedule`, owner: { location_id } },
    ];
    for (const { path, owner } of owners) {
      const unset = await api.ok('GET', path);
      assert.deepEqual([unset.source, unset.updated_at, unset.weekly.sunday], ['default', null, DEFAULT_DAY]);
      const body = { weekly: { monday: DAY, tuesday: DAY }, days_off: ['2027-01-01', '2026-12-31'] };
      const put = await api.call('PUT', path, body);
      const days_off = ['2026-12-31', '2027-01-01'];
      assert.deepEqual(
        [put.status, put.body],
        [200, { ...owner, weekly: WEEK, days_off, source: 'own', updated_at: NOW }],
      );
      assert.deepEqual(await api.ok('GET', path), put.body);
      const replaced = await api.ok('PUT', path, { weekly: {} });
      assert.deepEqual([replaced.weekly.monday, replaced.days_off], [null, []]);
      for (let times = 0; times < 2; times += 1) assert.equal((await api.call('DELETE', path)).status, 204);
      assert.deepEqual(await api.ok('GET', path), unset);
    }
  });

  test('go with their owner', async (t) => {
    const api = await startTestApi(t, { database: await databases.open(t) });
    const { specialist_id, location_id } = await makeSalon(api);
    for (const owner of [`/v1/users/${specialist_id}`, `/v1/locations/${location_id}`]) {
      await api.ok('PUT', `${owner}/schedule`, { weekly: {} });
      assert.equal((await api.call('DELETE', owner)).status, 204);
      assertProblem(await api.call('GET', `${owner}/schedule`), 404);
    }
    assert.equal(await api.database.read().count(Schedule), 0);
  });
});

describe('the schedule of a specialist', () => {
  test('is that of a location where they have none of their own, and keeps its days off where they have', async (t) => {
    const api = await startTestApi(t, { clock });
    const { specialist_id, location_id } = await makeSalon(api);
    const path = `/v1/users/${specialist_id}/schedule?location_id=${location_id}`;
    await api.ok('PUT', `/v1/locations/${location_id}/schedule`, { weekly: { sunday: DAY }, days_off: ['2026-12-31'] });
    const inherited = await api.ok('GET', path);
    assert.deepEqual([inherited.source, inherited.updated_at, inherited.weekly.sunday], ['location', NOW, DAY]);
    assert.equal((await api.ok('GET', `/v1/users/${specialist_id}/schedule`)).source, 'default');
    await api.ok('PUT', `/v1/users/${specialist_id}/schedule`, { weekly: { monday: DAY }, days_off: ['2026-12-01'] });
    const own = await api.ok('GET', path);
    assert.deepEqual([own.source, own.weekly.sunday, own.days_off], ['own', null, ['2026-12-01', '2026-12-31']]);
  });

  test('may be an administrator’s, never a client’s', async (t) => {
    const api = await startTestApi(t);
    const { admin_id, client_id } = await makeSalon(api);
    assert.equal((await api.ok('PUT', `/v1/users/${admin_id}/schedule`, { weekly: WEEK })).user_id, admin_id);
    assertProblem(await api.call('PUT', `/v1/users/${client_id}/schedule`, { weekly: WEEK }), 422, 'id');
    assertProblem(await api.call('GET', `/v1/users/${client_id}/schedule`), 422, 'id');
    assert.equal((await api.call('DELETE', `/v1/users/${client_id}/schedule`)).status, 204);
  });
});

describe('a request for working hours', () => {
  test('is refused by naming what is wrong', async (t) => {
    const api = await startTestApi(t);
    const { specialist_id } = await makeSalon(api);
    const path = `/v1/users/${specialist_id}/schedule`;
    const refused: [object | undefined, string][] = [
      [{}, 'weekly'],
      [undefined, 'body'],
      [{ weekly: { monday: { from: '19:00', to: '10:00' } } }, 'weekly.monday.to'],
      [{ weekly: { monday: { ...DAY, breaks: [{ from: '18:00', to: '20:00' }] } } }, 'weekly.monday.breaks'],
      [{ weekly: { monday: { from: '10:00', to: '19:00', note: 1 } } }, 'weekly.monday.note'],
      [{ weekly: { Monday: DAY } }, 'weekly.Monday'],
      [{ weekly: WEEK, days_off: ['31.12.2026'] }, 'days_off.0'],
      [{ weekly: WEEK, source: 'own' }, 'source'],
    ];
    for (const [body, field] of refused) assertProblem(await api.call('PUT', path, body), 422, field);
    assertProblem(await api.call('POST', path, { weekly: WEEK }), 405);
  });

  test('asks for the key and for an owner that exists', async (t) => {
    const api = await startTestApi(t);
    const salon = await makeSalon(api);
    const other = await makeSalon(api);
    for (const path of ['/v1/users/999/schedule', '/v1/locations/999/schedule', '/v1/users/x/schedule'])
      for (const [method, body] of [['GET'], ['PUT', { weekly: WEEK }], ['DELETE']] as const)
        assertProblem(await api.call(method, path, body), 404);
    const path = `/v1/users/${salon.specialist_id}/schedule`;
    for (const method of ['GET', 'DELETE'])
      assertProblem(await api.call(method, path, undefined, { authorization: 'Bearer wrong' }), 401);
    assertProblem(await api.call('GET', `${path}?location_id=${other.location_id}`), 422, 'location_id');
    assertProblem(await api.call('GET', `${path}?location_id=x`), 400, 'location_id');
    assertProblem(
      await api.call('GET', `/v1/locations/${salon.location_id}/schedule?location_id=1`),
      400,
      'location_id',
    );
  });
});
