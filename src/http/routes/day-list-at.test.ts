import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertProblem, startTestApi } from '#test/support/api.ts';
import { Company } from '../../db/entities.ts';

describe("the hour of a company's lists of the day", () => {
  test('is eight unless set, and its lists are looked at again when it, or the zone, is another', async (t) => {
    let now = new Date('2026-11-23T10:00:00.000Z');
    const api = await startTestApi(t, { clock: () => now });
    const company = await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' });
    assert.deepEqual([company.day_list_at, 'next_day_list_at' in company], ['08:00', false]);
    const path = `/v1/companies/${company.id}`;
    const row = () => api.database.read().findOneOrFail(Company, { id: company.id }, { disableIdentityMap: true });
    assert.deepEqual((await row()).next_day_list_at, now);
    const isLookedAt = async (change: object) => {
      const under = { next_day_list_at: new Date(0), day_list_after: 57 };
      await api.database.write((tx) => tx.nativeUpdate(Company, { id: company.id }, under));
      now = new Date(now.getTime() + 1);
      await api.ok('PATCH', path, change);
      const { next_day_list_at, day_list_after } = await row();
      const isNow = next_day_list_at?.getTime() === now.getTime();
      assert.equal(day_list_after, isNow ? 0 : 57);
      return isNow;
    };
    assert.equal(await isLookedAt({ day_list_at: '08:00', time_zone: 'UTC', name: 'y' }), false);
    assert.equal(await isLookedAt({ reminders: [] }), false);
    assert.equal(await isLookedAt({ day_list_at: '23:59' }), true);
    assert.equal(await isLookedAt({ time_zone: 'Asia/Tokyo' }), true);
    assert.equal(await isLookedAt({ day_list_at: null }), true);
    assert.equal((await api.ok('GET', path)).day_list_at, null);
    assert.equal(await isLookedAt({ day_list_at: null }), false);
    const none = await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC', day_list_at: null });
    assert.equal(none.day_list_at, null);
  });

  test('is refused where it is none', async (t) => {
    const api = await startTestApi(t);
    const company = await api.ok('POST', '/v1/companies', { name: 'x', time_zone: 'UTC' });
    for (const day_list_at of ['24:00', '8:00', '', '08:00\n', 8, true, ['08:00'], { at: '08:00' }, "08:00'; --"]) {
      assertProblem(await api.call('PATCH', `/v1/companies/${company.id}`, { day_list_at }), 422, 'day_list_at');
      assertProblem(
        await api.call('POST', '/v1/companies', { name: 'x', time_zone: 'UTC', day_list_at }),
        422,
        'day_list_at',
      );
    }
    for (const inside of ['next_day_list_at', 'day_list_after'])
      assertProblem(await api.call('PATCH', `/v1/companies/${company.id}`, { [inside]: 1 }), 422, inside);
  });
});
