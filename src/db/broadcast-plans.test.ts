import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { dueChunks, hastenChunks, offerDueChunks, openChunks } from './broadcast-chunks.ts';
import type { StoredBroadcast } from './broadcasts.ts';
import type { Sql } from './database.ts';
import { quietInBroadcast } from './quiet-waits.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');
const BROADCAST = { id: 1 } as StoredBroadcast;

describeOnEachDatabase('a look at the chunks of a broadcast', ({ open }) => {
  for (const [what, work] of [
    ['those that are open', (sql: Sql) => openChunks(sql, 1)],
    ['those that are due', (sql: Sql) => dueChunks(sql, 1, AT, 5)],
    ['those that are offered again', (sql: Sql) => offerDueChunks(sql, BROADCAST, AT, 5)],
    ['those that are to be offered at once', (sql: Sql) => hastenChunks(sql, 1, AT)],
    ['people in their quiet hours', (sql: Sql) => quietInBroadcast(sql, 1, AT)],
  ] as const)
    test(`that is for ${what} reads none that are finished`, async (t) => {
      const [plan = ''] = await plansOf(await open(t), work);
      assert.match(plan, /broadcast_chunks_open/);
      assert.doesNotMatch(plan, /SCAN broadcast_chunks|Seq Scan/);
    });
});
