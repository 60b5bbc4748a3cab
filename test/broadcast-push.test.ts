import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  broadcast,
  broadcastNow,
  heardInAll,
  openCrowd,
  PUSHED,
  startAt,
  startWithPush,
  subscribe,
  untilStatus,
} from './support/broadcasts.ts';
import { eventually } from './support/eventually.ts';
import { received } from './support/push.ts';

test('the last in line hear by Web Push at once, while Telegram goes slowly', async (t) => {
  const parts = await startWithPush(t, 20);
  const { vestnik } = parts;
  const places = [1, 1405];
  const crowd = await openCrowd(vestnik, 1410, (index) => (places.includes(index) ? { tg_id: null } : {}));
  const browsers = await subscribe(parts, crowd, places);
  const { id } = await broadcast(vestnik, crowd, { content: PUSHED });
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
  const parts = await startWithPush(t, 200);
  const { vestnik, push } = parts;
  const places = [0, 500, 1000, 1500];
  const crowd = await openCrowd(vestnik, 1600, (index) => (places.includes(index) ? { tg_id: null } : {}));
  const browsers = await subscribe(parts, crowd, places);
  const show = push.hide();
  const { id } = await broadcast(vestnik, crowd, { content: PUSHED });
  await eventually(() => assert.equal(heardInAll(vestnik, crowd), 1596), 20_000);
  await eventually(async () => {
    const { status, progress } = await broadcastNow(vestnik, id);
    assert.deepEqual([status, progress.remaining], ['running', 4]);
  });
  show();
  const done = await untilStatus(vestnik, id, 'completed');
  assert.deepEqual(done.progress.sent_by, { telegram: 1596, web_push: 4 });
  assert.deepEqual(
    browsers.map((browser) => received(browser).length),
    [1, 1, 1, 1],
  );
});

test('a test to one person does not stand behind a broadcast, and goes to nobody else', async (t) => {
  const vestnik = await startAt(t, 20);
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
