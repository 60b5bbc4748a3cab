import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase } from '#test/support/database.ts';
import { plansOf } from '#test/support/query-plans.ts';
import type { Sql } from './database.ts';
import { disabledWithMessages, dueEndpoints, failMessagesOfDisabled, offerDueMessages } from './webhook-calls.ts';

const AT = new Date('2026-11-23T10:00:00.000Z');
const ENDPOINT = { id: 1, company_id: 1 };

/** Reads messages beside an index, or puts them in order after it has read them. */
const ONE_BY_ONE = /SCAN (m\b|webhook_messages)|Seq Scan on webhook_messages|B-TREE|Sort/;

describeOnEachDatabase('a look for webhook messages', ({ open }) => {
  for (const [what, index, work] of [
    ['what waits for disabled endpoints', /_pending/, (sql: Sql) => disabledWithMessages(sql)],
    ['what waits for one of them', /_pending/, (sql: Sql) => failMessagesOfDisabled(sql, 1, 200)],
    ['endpoints with something due', /_pending/, (sql: Sql) => dueEndpoints(sql, AT)],
    ['what is due', /_pending/, (sql: Sql) => offerDueMessages(sql, ENDPOINT, { now: AT, most: 200 })],
    ['what failed of an endpoint', /_endpoint_failed/, (sql: Sql) => page(sql, 'endpoint_id')],
    ['what failed of a company', /_company_failed/, (sql: Sql) => page(sql, 'company_id')],
  ] as const)
    test(`that is for ${what} reads nothing else`, async (t) => {
      const [plan = ''] = await plansOf(await open(t), work);
      assert.match(plan, index);
      assert.doesNotMatch(plan, ONE_BY_ONE);
    });
});

/** As the API asks for it. */
const page = (sql: Sql, column: 'endpoint_id' | 'company_id') =>
  sql.execute(
    `SELECT * FROM webhook_messages WHERE ${column} = ? AND status = ? AND id > ?
      AND endpoint_id NOT IN (SELECT id FROM webhook_endpoints WHERE deleted_at IS NOT NULL) ORDER BY id LIMIT 51`,
    [1, 'failed', 0],
  );
