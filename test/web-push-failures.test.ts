import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAppWorker } from './support/app-worker.ts';
import { eventually } from './support/eventually.ts';
import { DELIVERED, devicesOf, fates, fatesSoFar, onScreen, openPushSalon, received } from './support/push.ts';
import { shown } from './support/salon.ts';

describe('a push service', () => {
  test('that answers 429 is waited for as long as it says, and no attempt is used', async (t) => {
    const { push, vestnik, salon } = await openPushSalon(t);
    push.fault('all', { kind: 'too_many_requests', retryAfter: 1 }, { times: 3 });
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
    const at = push.requests().map((request) => request.at);
    assert.equal(at.length, 4);
    for (const [index, time] of at.slice(1).entries()) assert.ok(time - (at[index] ?? 0) >= 950, String(at));
  });

  test('that fails three times leaves a dead letter that names the channel, and a replay arrives', async (t) => {
    const { push, vestnik, salon, browser } = await openPushSalon(t);
    push.fault('all', { kind: 'server_error' });
    await salon.book('admin');
    const [fate] = await fates(vestnik, salon);
    assert.deepEqual([fate?.status, fate?.attempts], ['dead', 3]);
    assert.match(fate?.reason ?? '', /^web_push_500/);
    const { items } = (await vestnik.call('GET', '/v1/dead-letters')).body;
    assert.deepEqual(
      items.map(({ channel, user_id, attempts }: Record<string, unknown>) => [channel, user_id, attempts]),
      [['web_push', salon.people.client.id, 3]],
    );
    assert.equal(push.requests().length, 3);
    assert.equal((await devicesOf(vestnik, salon, 'client')).length, 1);

    push.clearFaults();
    await vestnik.call('POST', '/v1/dead-letters/replay', { ids: [items[0].id] });
    await eventually(() => assert.equal(received(browser).length, 1));
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
  });

  test('that took the message and broke off is asked again; the device shows it once', async (t) => {
    const { push, vestnik, salon, browser } = await openPushSalon(t);
    push.fault('all', { kind: 'reset_after' }, { times: 1 });
    await salon.book('admin');
    assert.deepEqual(await fates(vestnik, salon), [{ ...DELIVERED, attempts: 2 }]);
    assert.equal(received(browser).length, 2);
    assert.equal(onScreen(browser).length, 1);
  });

  test('that is away is waited for without using attempts; readyz says so until it is back', async (t) => {
    const { push, vestnik, salon, browser } = await openPushSalon(t);
    const showAgain = push.hide();
    await salon.book('admin');
    await eventually(async () => {
      const { status, body } = await vestnik.call('GET', '/readyz');
      assert.deepEqual([status, body.status], [200, 'degraded']);
      assert.match(
        body.reasons.join(),
        /^web_push: https:\/\/localhost:\d+: web_push_unreachable: EAI_AGAIN; messages wait$/,
      );
    });
    await eventually(() => assert.equal(shown(vestnik, salon, 'specialist').length, 1));
    assert.deepEqual(await fatesSoFar(vestnik, salon), []);
    showAgain();
    assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
    assert.equal(received(browser).length, 1);
    assert.equal((await vestnik.call('GET', '/readyz')).body.status, 'ok');
  });
});

test('what was under way at a stop is finished, recorded and not sent again', async (t) => {
  const { push, vestnik, salon, browser } = await openPushSalon(t);
  push.fault('all', { kind: 'slow', ms: 300 }, { times: 1 });
  await salon.book('admin');
  await push.until(() => push.requests().length === 1);
  await vestnik.restart();
  assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
  await salon.book('admin', { starts_at: '2027-02-01T10:00:00Z' });
  assert.deepEqual(await fates(vestnik, salon), [DELIVERED, DELIVERED]);
  assert.equal(received(browser).length, 2);
});

/** The specialist has to wait for Telegram, so that the event is still open when its client has heard. */
async function leaveOpen({ vestnik, salon }: Awaited<ReturnType<typeof openPushSalon>>): Promise<void> {
  const { chat } = salon.people.specialist;
  vestnik.telegram.fault(chat, { kind: 'too_many_requests', retryAfter: 3 }, { times: 1, methods: ['sendMessage'] });
  await salon.book('admin');
  await eventually(async () => assert.deepEqual(await fatesSoFar(vestnik, salon), [DELIVERED]));
}

test('who has heard does not hear again when the process is killed', async (t) => {
  const setting = await openPushSalon(t, { tg_id: null }, { ROLES: 'api' });
  const { vestnik, salon, browser } = setting;
  const worker = await startAppWorker(t, vestnik.env);
  await leaveOpen(setting);
  await worker.kill();
  await startAppWorker(t, vestnik.env);
  assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
  assert.equal(shown(vestnik, salon, 'specialist').length, 1);
  assert.equal(received(browser).length, 1);
});

test('who has heard does not hear again when Redis is wiped', async (t) => {
  const setting = await openPushSalon(t);
  const { vestnik, salon, browser } = setting;
  await leaveOpen(setting);
  await vestnik.redis.redis.flushall();
  assert.deepEqual(await fates(vestnik, salon), [DELIVERED]);
  assert.equal(shown(vestnik, salon, 'specialist').length, 1);
  assert.equal(received(browser).length, 1);
});
