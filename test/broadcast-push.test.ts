import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushSubscription } from '#src/db/entities.ts';
import {
  broadcast,
  broadcastNow,
  type Crowd,
  HELLO,
  heardInAll,
  openCrowd,
  untilStatus,
} from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { received, startPush, type TestPush } from './support/push.ts';
import { startVestnik, type Vestnik } from './support/vestnik.ts';

const content = { ...HELLO, push: { title: 'Скидки', body: 'Весь январь', url: 'https://salon.example/' } };

/** Gives the people at these places a browser, in the database: the page is tested elsewhere. */
async function giveBrowsers(vestnik: Vestnik, push: TestPush, { companyId, people }: Crowd, places: readonly number[]) {
  const vapid_key = push.env.VAPID_PUBLIC_KEY ?? '';
  const browsers = places.map(() => push.createVirtualBrowser());
  await vestnik.database.write(async (tx) => {
    for (const [index, place] of places.entries()) {
      const subscription = browsers[index]?.subscribe(vapid_key);
      assert.ok(subscription);
      const row = { company_id: companyId, user_id: people[place]?.id ?? 0, vapid_key, created_at: new Date() };
      await tx.insert(PushSubscription, { ...row, endpoint: subscription.endpoint, ...subscription.keys });
    }
  });
  return browsers;
}

test('the last in line hear by Web Push at once, while Telegram goes slowly', async (t) => {
  const push = await startPush(t);
  const vestnik = await startVestnik(t, { env: { ...push.env, BROADCAST_RATE_PER_SECOND: '20' } });
  const places = [1, 1405];
  const crowd = await openCrowd(vestnik, 1410, (index) => (places.includes(index) ? { tg_id: null } : {}));
  const browsers = await giveBrowsers(vestnik, push, crowd, places);
  const { id } = await broadcast(vestnik, crowd, { content });
  await eventually(() =>
    assert.deepEqual(
      browsers.map((browser) => received(browser).length),
      [1, 1],
    ),
  );
  assert.ok(heardInAll(vestnik, crowd) < 400);
  assert.equal((await broadcastNow(vestnik, id)).audience_size, 1410);
  await vestnik.call('POST', `/v1/broadcasts/${id}/cancel`);
});

test('a push service that is away holds up nobody in Telegram, and is waited for', async (t) => {
  const push = await startPush(t);
  const vestnik = await startVestnik(t, { env: { ...push.env, BROADCAST_RATE_PER_SECOND: '200' } });
  const places = [0, 500, 1000, 1500];
  const crowd = await openCrowd(vestnik, 1600, (index) => (places.includes(index) ? { tg_id: null } : {}));
  const browsers = await giveBrowsers(vestnik, push, crowd, places);
  const show = push.hide();
  const { id } = await broadcast(vestnik, crowd, { content });
  await eventually(() => assert.equal(heardInAll(vestnik, crowd), 1596), 20_000);
  await eventually(async () => {
    const { status, progress } = await broadcastNow(vestnik, id);
    assert.deepEqual([status, progress.remaining], ['running', 4]);
  });
  show();
  const done = await untilStatus(vestnik, id, 'completed', 30_000);
  assert.deepEqual(done.progress.sent_by, { telegram: 1596, web_push: 4 });
  assert.deepEqual(
    browsers.map((browser) => received(browser).length),
    [1, 1, 1, 1],
  );
});

test('a test to one person does not stand behind a broadcast, and goes to nobody else', async (t) => {
  const vestnik = await startVestnik(t, { env: { BROADCAST_RATE_PER_SECOND: '20' } });
  const crowd = await openCrowd(vestnik, 1200);
  const last = crowd.people.at(-1);
  const { id } = await broadcast(vestnik, crowd);
  await eventually(() => assert.equal(heardInAll(vestnik, crowd) > 10, true));
  const body = { company_id: crowd.companyId, audience: {}, content: { tg_html: 'Проба' } };
  const refused = await vestnik.call('POST', '/v1/broadcasts/preview', { ...body, send_test_to: 999_999 });
  assert.equal(refused.status, 422);
  await vestnik.call('POST', '/v1/broadcasts/preview', { ...body, send_test_to: last?.id });
  await eventually(() => assert.equal(vestnik.telegram.messages(last?.chat ?? 0)[0]?.text, 'Проба'), 8000);
  await vestnik.call('POST', `/v1/broadcasts/${id}/cancel`);
});
