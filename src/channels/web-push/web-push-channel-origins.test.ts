import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '#test/support/eventually.ts';
import { useChannel } from './push-channel.fixture.ts';
import { answer, startPushServer, subscribe } from './push-server.fixture.ts';

const { now, reopen, send } = useChannel();

/** A second push service, at a port and so an origin of its own. */
async function openSecond(t: TestContext) {
  const second = await startPushServer();
  t.after(() => second.stop());
  await reopen({ others: [second.host] });
  return { second, sendToSecond: () => send(subscribe(second.host, now.opened.vapid, '/second').target) };
}

for (const status of [429, 503])
  test(`${status} of one service holds back nothing of another`, async (t) => {
    const { second, sendToSecond } = await openSecond(t);
    now.server.answer = answer(status, { 'retry-after': '30' });
    assert.equal((await send()).kind, 'rate_limited');
    assert.deepEqual(await sendToSecond(), { kind: 'accepted' });
    const held = await send();
    assert.ok(held.kind === 'rate_limited' && held.failure.code === 'web_push_held');
    assert.deepEqual([now.server.requests.length, second.requests.length], [1, 1]);
  });

test('a service that answers nobody takes no turns from another', async (t) => {
  const { sendToSecond } = await openSecond(t);
  now.server.answer = () => undefined;
  let ended = 0;
  const waiting = Array.from({ length: 40 }, () => send().finally(() => (ended += 1)));
  await eventually(() => assert.equal(now.server.requests.length, 32));
  assert.deepEqual(await sendToSecond(), { kind: 'accepted' });
  assert.deepEqual([now.server.requests.length, ended], [32, 0]);
  await now.opened.channel.stop();
  await Promise.all(waiting);
});

test('a key that one service refuses is no reason to doubt it at another', async (t) => {
  const { sendToSecond } = await openSecond(t);
  now.server.answer = answer(403);
  assert.equal((await send()).kind, 'key_refused');
  now.opened.clock.now += 60_000;
  assert.deepEqual(await sendToSecond(), { kind: 'accepted' });
  // Nor is what the other takes a reason to trust it here.
  assert.equal((await send()).kind, 'key_refused');
  assert.match(String(now.opened.channel.trouble()), new RegExp(`${now.server.host}: web_push_403`));
});
