import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSalon, startTestApi } from '#test/support/api.ts';

test('pages neither repeat nor skip a row while others come and go', async (t) => {
  const api = await startTestApi(t);
  const { company_id } = await makeSalon(api);
  const add = async (name: string): Promise<number> =>
    (await api.ok('POST', '/v1/services', { company_id, name, duration_min: 30 })).id;
  const first = (await api.ok('GET', '/v1/services')).items[0].id;
  const ids = [first];
  for (let n = 0; n < 6; n += 1) ids.push(await add(`service ${n}`));

  const seen: number[] = [];
  let cursor = '';
  for (let page = 0; ; page += 1) {
    const { items, next_cursor } = await api.ok('GET', `/v1/services?limit=2${cursor}`);
    seen.push(...items.map((item: { id: number }) => item.id));
    if (next_cursor === null) break;
    cursor = `&cursor=${next_cursor}`;
    if (page === 0) await api.ok('DELETE', `/v1/services/${ids[1]}`);
    if (page === 1) ids.push(await add('late'));
  }
  assert.deepEqual(seen, ids);
});

test('a page holds 50 items unless told, 200 at most, and says when it is the last', async (t) => {
  const api = await startTestApi(t);
  const { company_id } = await makeSalon(api);
  const rows = Array.from({ length: 200 }, (_, n) => ({ company_id, name: `place ${n}`, time_zone: null }));
  await Promise.all(rows.map((row) => api.ok('POST', '/v1/locations', row)));
  assert.equal((await api.ok('GET', '/v1/locations')).items.length, 50);
  const full = await api.ok('GET', '/v1/locations?limit=200');
  assert.equal(full.items.length, 200);
  const rest = await api.ok('GET', `/v1/locations?limit=200&cursor=${full.next_cursor}`);
  assert.deepEqual([rest.items.length, rest.next_cursor], [1, null]);
});
