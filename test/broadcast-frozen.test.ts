import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAppWorker } from './support/app-worker.ts';
import { broadcast, heard, heardInAll, openCrowd, untilStatus } from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { startVestnik } from './support/vestnik.ts';

/** Longer than a lease lasts. */
const FROZEN_MS = 6_000;

test('processes that stand still for longer than their leases tell nobody twice when they go on', async (t) => {
  const vestnik = await startVestnik(t, { env: { ROLES: 'api', BROADCAST_RATE_PER_SECOND: '60' } });
  // Answers come late, so that sends are under way when a process stops.
  vestnik.telegram.fault('bot', { kind: 'slow', ms: 20 }, { methods: ['sendMessage'] });
  const roles = 'worker,scheduler';
  const workers = [await startAppWorker(t, vestnik.env, roles), await startAppWorker(t, vestnik.env, roles)];
  const crowd = await openCrowd(vestnik, 650);
  const { id } = await broadcast(vestnik, crowd);
  for (const worker of workers) {
    const before = heardInAll(vestnik, crowd);
    await eventually(() => assert.equal(heardInAll(vestnik, crowd) >= before + 40, true), 15_000);
    worker.freeze();
    await sleep(FROZEN_MS);
    worker.thaw();
  }
  const { progress } = await untilStatus(vestnik, id, 'completed');
  const { outcome_unknown: unknown = 0 } = progress.failed_by;
  t.diagnostic(`of ${unknown} people nobody knows`);
  assert.equal(progress.sent + unknown, crowd.people.length);
  assert.equal(unknown <= 2 * 16, true, `of ${unknown} nobody knows`);
  const counts = heard(vestnik, crowd);
  assert.equal(
    counts.every((count) => count <= 1),
    true,
  );
  assert.equal(counts.filter((count) => count === 0).length <= unknown, true);
  await vestnik.settled();
});
