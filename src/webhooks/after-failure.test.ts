import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterFailure, type FailedCall } from './after-failure.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const WELL = { failures: 0, failing_since: null, held_until: null };
const DAY_MS = 24 * 3_600_000;

const failed = (change: Partial<FailedCall> = {}) =>
  afterFailure({
    ...{ attempts: 1, endpoint: WELL, startedAt: ago(1_000), now: NOW, retryAfterMs: null, isGone: false, jitter: 0 },
    ...change,
  });
const waitS = (at: Date | null): number | null => at && (at.getTime() - NOW.getTime()) / 1000;

describe('after a failed call', () => {
  test('the message waits longer each time, some 27 hours in all, and fails after nine attempts', () => {
    const waits = Array.from({ length: 9 }, (_, index) => waitS(failed({ attempts: index + 1 }).nextAttemptAt));
    assert.deepEqual(waits, [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000, null]);
  });

  test('jitter only ever adds, a fifth at most', () => {
    assert.equal(waitS(failed({ jitter: 1 }).nextAttemptAt), 6);
  });

  test('the endpoint is held, longer with each failure in a row', () => {
    const { failures, failingSince, heldUntil } = failed();
    assert.deepEqual([failures, failingSince, waitS(heldUntil)], [1, NOW, 5]);
    const again = failed({ endpoint: { failures: 3, failing_since: ago(9_000), held_until: ago(2_000) } });
    assert.deepEqual([again.failures, again.failingSince, waitS(again.heldUntil)], [4, ago(9_000), 1_800]);
    // The message itself failed for the first time: its own wait is short.
    assert.equal(waitS(again.nextAttemptAt), 5);
    const long = failed({ endpoint: { failures: 40, failing_since: ago(9_000), held_until: null } });
    assert.equal(waitS(long.heldUntil), 36_000);
  });

  test('a failure of what was under way when the hold began lengthens nothing', () => {
    const endpoint = { failures: 1, failing_since: ago(1_000), held_until: new Date(NOW.getTime() + 4_000) };
    const { failures, heldUntil } = failed({ endpoint });
    assert.deepEqual([failures, waitS(heldUntil)], [1, 4]);
  });

  test('a longer wait that the endpoint asks for is kept', () => {
    const { nextAttemptAt, heldUntil } = failed({ retryAfterMs: 90_000 });
    assert.deepEqual([waitS(nextAttemptAt), waitS(heldUntil)], [5, 90]);
    assert.equal(waitS(failed({ retryAfterMs: 1_000 }).heldUntil), 5);
  });

  test('a failure after a day of silence is the first of a new trouble', () => {
    const endpoint = { failures: 9, failing_since: ago(9 * DAY_MS), held_until: ago(2 * DAY_MS) };
    const { failures, failingSince, heldUntil, disabledReason } = failed({ endpoint });
    assert.deepEqual([failures, failingSince, waitS(heldUntil), disabledReason], [1, NOW, 5, null]);
    const busy = { ...endpoint, held_until: ago(DAY_MS / 2) };
    assert.equal(failed({ endpoint: busy }).disabledReason, 'failed_for_five_days');
  });

  test('410 disables the endpoint at once, five days without a success do', () => {
    const { disabledReason, nextAttemptAt, heldUntil } = failed({ isGone: true });
    assert.deepEqual([disabledReason, nextAttemptAt, heldUntil], ['gone', null, null]);
    const since = (ms: number) => failed({ endpoint: { failures: 9, failing_since: ago(ms), held_until: null } });
    assert.equal(since(5 * DAY_MS - 1).disabledReason, null);
    assert.equal(since(5 * DAY_MS).disabledReason, 'failed_for_five_days');
  });
});
