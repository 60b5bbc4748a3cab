import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DELIVERED, fates, openPushSalon } from './support/push.ts';

const HOUR_MS = 60 * 60_000;

/** A reminder of a booking that begins in a while; what the push service was sent. */
async function remind(t: TestContext, { inMs, retryAfter }: { inMs: number; retryAfter?: number }) {
  const { push, vestnik, salon } = await openPushSalon(t);
  const starts_at = new Date(Date.now() + inMs);
  const { id } = await salon.book(null, { notify: false, starts_at: starts_at.toISOString() });
  if (retryAfter !== undefined) push.fault('all', { kind: 'too_many_requests', retryAfter }, { times: 1 });
  const event = {
    ...{ type: 'booking_reminder', company_id: salon.companyId, booking_id: id },
    initiated_by: { user_id: null, role: 'cron', channel: 'api' },
  };
  assert.equal((await vestnik.call('POST', '/v1/events', event)).status, 202);
  assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
  return push.requests().map(({ headers, wall }) => {
    const expiresAt = wall + Number(headers.ttl) * 1000;
    return { urgency: headers.urgency, beforeStartMs: starts_at.getTime() - expiresAt };
  });
}

for (const [name, inMs, urgency] of [
  ['in three hours is urgent', 3 * HOUR_MS, 'high'],
  ['in three days spares the battery', 72 * HOUR_MS, 'normal'],
] as const)
  test(`a reminder of a booking ${name}, and ends at the push service when the booking begins`, async (t) => {
    const [sent, ...others] = await remind(t, { inMs });
    assert.deepEqual([sent?.urgency, others.length], [urgency, 0]);
    const early = sent?.beforeStartMs ?? Number.NaN;
    // The time on the way, and the part of a second that a TTL cannot hold.
    assert.equal(early > -1000 && early < 2000, true, `${early} ms`);
  });

test('a reminder that had to wait ends at the start of its booking all the same', async (t) => {
  const sent = await remind(t, { inMs: HOUR_MS, retryAfter: 2 });
  assert.equal(sent.length, 2);
  for (const { beforeStartMs: early } of sent) assert.equal(early > -1000 && early < 2000, true, `${early} ms`);
});
