import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOnEachDatabase, openTestDatabase } from '#test/support/database.ts';
import { plansOf } from '#test/support/query-plans.ts';
import { knowsPlace } from './known-place.ts';

const ASK = { company_id: 1, user_id: 2, after: { event_id: 'e1', before: '2026-11-23T10:00:00.000Z' } };

describeOnEachDatabase('what somebody knows of a booking', ({ open }) => {
  test('is found by the keys of the log, however much a person was ever told', async (t) => {
    const [plan = ''] = await plansOf(await open(t), (sql) => knowsPlace(sql, ASK));
    assert.match(plan, /deliveries_booking/);
    assert.match(
      plan,
      /deliveries_user \(user_id=\? AND finished_at>\?\)|user_id = told.user_id\) AND \(finished_at >= told/,
    );
    assert.doesNotMatch(plan, /SCAN (told|since|list)\b|Seq Scan/);
  });
});

// PostgreSQL chooses by what is in the tables; an empty one tells nothing.
test('the message that told of it is found by its key', async (t) => {
  const [plan = ''] = await plansOf(await openTestDatabase(t), (sql) => knowsPlace(sql, ASK));
  assert.match(plan, /told USING INDEX sqlite_autoindex_deliveries_1 \(company_id=\? AND event_id=\? AND user_id=\?\)/);
});
