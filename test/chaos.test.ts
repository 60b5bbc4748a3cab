import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from './chaos/chaos-run.ts';
import { createCleanups } from './chaos/cleanups.ts';
import { describeFindings, violations } from './chaos/report.ts';

// The long form is `npm run chaos`.
test('a short storm over processes, Redis, database and Telegram loses, reorders and needlessly doubles nothing', async (t) => {
  const cleanups = createCleanups();
  t.after(() => cleanups.run());
  const findings = await runChaos({
    seed: 9,
    seconds: 7,
    processes: 2,
    salons: 2,
    partitions: 2,
    everyMs: 1200,
    requestEveryMs: 400,
    restDeadlineMs: 40_000,
    say: () => undefined,
    cleanups,
  });
  t.diagnostic(describeFindings(findings));
  assert.deepEqual(violations(findings), []);
  assert.equal(findings.accepted > 20, true);
});
