import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { DELIVERED, devicesOf, fates, fatesSoFar, openPushSalon, received } from './support/push.ts';
import { shown } from './support/salon.ts';

describe('a push service that refuses our key', () => {
  for (const [kind, status] of [
    ['unauthorized', 401],
    ['forbidden', 403],
  ] as const)
    test(`with ${status} is waited for without using attempts, though it took a message just before`, async (t) => {
      const { push, vestnik, salon, browser } = await openPushSalon(t);
      await salon.book('admin');
      assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);

      push.fault('all', { kind });
      await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
      await eventually(async () => {
        const { status: code, body } = await vestnik.call('GET', '/readyz');
        assert.deepEqual([code, body.status], [200, 'degraded']);
        assert.match(body.reasons.join(), new RegExp(`^web_push: https://localhost:\\d+: web_push_${status}: `));
      });
      await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 2));
      // Once more with a new token, and then not again for a minute.
      const tokens = push.requests().map(({ headers }) => headers.authorization);
      assert.deepEqual([tokens.length, new Set(tokens.slice(1)).size], [3, 2]);
      assert.deepEqual(await fatesSoFar(vestnik, salon), [DELIVERED]);
      assert.equal((await devicesOf(vestnik, salon, 'client')).length, 1);
      const { id } = salon.people.client;
      assert.equal((await vestnik.call('GET', `/v1/users/${id}`)).body.web_push_unreachable, null);

      // As after a repair: what waited is tried at once.
      push.clearFaults();
      await vestnik.restart();
      assert.deepEqual(await fates(vestnik, salon), [DELIVERED, DELIVERED]);
      assert.equal(received(browser).length, 2);
      assert.equal((await vestnik.call('GET', '/readyz')).body.status, 'ok');
    });

  test('for one subscription keeps that message, and stops nobody else', async (t) => {
    const { push, vestnik, salon, subscription, browser } = await openPushSalon(t);
    await vestnik.call('PATCH', `/v1/users/${salon.people.specialist.id}`, { tg_id: null });
    const staff = push.createVirtualBrowser();
    await push.subscribe(vestnik, salon, 'specialist', staff);
    push.fault(subscription.endpoint, { kind: 'forbidden' });
    await salon.book('admin');
    await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
    await eventually(() => assert.equal(received(staff).length, 2));
    assert.deepEqual(await fatesSoFar(vestnik, salon), []);
    push.clearFaults();
    await vestnik.restart();
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED, DELIVERED]);
    assert.deepEqual([received(browser).length, received(staff).length], [2, 2]);
  });
});
