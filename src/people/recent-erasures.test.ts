import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestDatabase } from '#test/support/database.ts';
import { eventually } from '#test/support/eventually.ts';
import { insertCompany } from '#test/support/rows.ts';
import { eraseUser } from '../db/erasure.ts';
import { createLog } from '../observability/log.ts';
import { createRecentErasures } from './recent-erasures.ts';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;

test('knows of an erasure for an hour, whichever process it was in', async (t) => {
  const database = await openTestDatabase(t);
  let now = NOW;
  const open = () => {
    const erasures = createRecentErasures({ database, clock: () => now, log: createLog('silent') });
    t.after(() => erasures.stop());
    assert.equal(erasures.isLately(), true, 'nobody has looked yet');
    erasures.start();
    return erasures;
  };
  const here = open();
  await eventually(() => assert.equal(here.isLately(), false));
  here.noted();
  assert.equal(here.isLately(), true);

  const { client_id } = await database.write(insertCompany);
  await database.write((tx) => eraseUser(tx, client_id, { told: [], now }));
  const [other, later] = [open(), open()];
  now = new Date(NOW.getTime() + HOUR_MS);
  await eventually(() => assert.equal(other.isLately(), false));
  await eventually(() => assert.equal(later.isLately(), false));
  assert.equal(here.isLately(), false);
  now = new Date(NOW.getTime() + HOUR_MS - 1);
  for (const erasures of [here, other, later]) assert.equal(erasures.isLately(), true);
});
