import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestRedis } from '#test/support/redis.ts';
import { jsonTraceOf, searchEntries } from './entry-search.ts';

test('finds entries by a text in one field, over many pages, and says when it has not seen all', async (t) => {
  const { redis } = await startTestRedis(t);
  const pipeline = redis.pipeline();
  for (let n = 1; n <= 1_200; n++)
    pipeline.xadd('s', `${n}-0`, 'other', 'x.10', 'event', n % 400 === 0 ? 'a.10' : 'aX10');
  await pipeline.exec();
  const search = { stream: 's', field: 'event', containing: '.10' };
  const idsOf = async (change: object = {}) => {
    const { entries, isWhole } = await searchEntries(redis, { ...search, mostLookedAt: 5_000, ...change });
    return [entries.map(([id]) => id), isWhole];
  };
  assert.deepEqual(await idsOf(), [['400-0', '800-0', '1200-0'], true]);
  assert.deepEqual(await idsOf({ mostLookedAt: 1_000 }), [['400-0', '800-0'], false]);
  assert.deepEqual(await idsOf({ from: '401', upTo: '1199' }), [['800-0'], true]);
  assert.deepEqual(await idsOf({ stream: 'none' }), [[], true]);
  const { entries } = await searchEntries(redis, { ...search, mostLookedAt: 500 });
  assert.deepEqual(entries, [['400-0', ['other', 'x.10', 'event', 'a.10']]]);
});

test('a text is searched for only where all writers of JSON spell it alike', () => {
  assert.equal(jsonTraceOf('broadcast:7:1'), '"broadcast:7:1"');
  for (const text of ['a/b', 'я', 'a"b', 'a\\b']) assert.equal(jsonTraceOf(text), '');
});
