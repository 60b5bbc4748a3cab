import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSalon, type Reply, startTestApi } from '#test/support/api.ts';
import { eventually } from '#test/support/eventually.ts';
import { assertCode, makeKey } from '#test/support/keys.ts';
import type { Caller } from './auth.ts';
import { createCostlyWork } from './costly-work.ts';

const by = (company_id: number, signal = new AbortController().signal) => {
  const ended = new AbortController().signal;
  return {
    caller: { kind: 'company', company_id, key_id: 1, scopes: new Set(), ended } satisfies Caller,
    signal: () => signal,
  };
};

/** Work that is held until the test lets it go. */
function createWork() {
  const held: (() => void)[] = [];
  let running = 0;
  return {
    running: () => running,
    letGo: () => held.shift()?.(),
    async work(): Promise<string> {
      running += 1;
      await new Promise<void>((resolve) => held.push(resolve));
      running -= 1;
      return 'done';
    },
  };
}

test('some work runs, some waits in its order, and the rest is refused until there is room', async () => {
  const costly = createCostlyWork({ atOnce: 2, waiting: 1, ofOneCaller: 3 });
  const { running, letGo, work } = createWork();
  const taken = [costly(by(1), work), costly(by(1), work), costly(by(1), work)];
  await eventually(() => assert.equal(running(), 2));
  await assert.rejects(costly(by(2), work), { code: 'too_many_requests', headers: { 'retry-after': '2' } });
  letGo();
  assert.equal(await taken[0], 'done');
  taken.push(costly(by(2), work));
  await eventually(() => assert.equal(running(), 2));
  for (const next of taken.slice(1)) {
    await eventually(() => assert.ok(running() > 0));
    letGo();
    assert.equal(await next, 'done');
  }
});

test('no company takes the places of all others', async () => {
  const costly = createCostlyWork({ atOnce: 1, waiting: 3, ofOneCaller: 2 });
  const { letGo, running, work } = createWork();
  const taken = [costly(by(1), work), costly(by(1), work)];
  await assert.rejects(costly(by(1), work), { code: 'too_many_requests' });
  taken.push(costly(by(2), work));
  for (const next of taken) {
    await eventually(() => assert.equal(running(), 1));
    letGo();
    assert.equal(await next, 'done');
  }
});

test('three companies that take all they may leave room for others', async () => {
  const costly = createCostlyWork();
  const { letGo, work } = createWork();
  const taken: Promise<string>[] = [];
  for (const company_id of [1, 2, 3]) {
    for (let n = 0; n < 4; n += 1) taken.push(costly(by(company_id), work));
    await assert.rejects(costly(by(company_id), work), { code: 'too_many_requests' });
  }
  const others = [4, 5, 6, 7].map((company_id) => costly(by(company_id), async () => 'done'));
  let ended = false;
  const all = Promise.all([...taken, ...others]).finally(() => {
    ended = true;
  });
  await eventually(() => {
    letGo();
    assert.equal(ended, true);
  });
  assert.deepEqual(new Set(await all), new Set(['done']));
});

test('work that failed, or whose client has gone, leaves its place and is not begun', async () => {
  const costly = createCostlyWork({ atOnce: 1, waiting: 0, ofOneCaller: 1 });
  await assert.rejects(
    costly(by(1), () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  const gone = AbortSignal.abort(new Error('gone'));
  await assert.rejects(costly(by(1, gone), assert.fail), /gone/);
  assert.equal(await costly(by(1), async () => 7), 7);
});

test('explain and export share the places, and what is refused says when to come again', async (t) => {
  const { running, letGo, work } = createWork();
  const answer = {
    event_id: 'e',
    user_id: 1,
    company_id: 1,
    verdict: 'unknown_event' as const,
    explanation: '',
    steps: [],
  };
  const api = await startTestApi(t, {
    async explain() {
      await work();
      return answer;
    },
    async exportPerson() {
      await work();
      return null;
    },
  });
  const { company_id, client_id } = await makeSalon(api);
  const key = await makeKey(api, company_id);
  const explain = () => key.call('GET', `/v1/deliveries/explain?event_id=e&user_id=${client_id}`);
  const exported = () => key.call('POST', `/v1/users/${client_id}/export`);
  const replies: Reply[] = [];
  const asked = Array.from({ length: 40 }, async (_, n) => void replies.push(await (n % 2 ? explain() : exported())));
  await eventually(() => assert.deepEqual([running(), replies.length], [2, 36]), 10_000);
  for (const reply of replies) {
    assertCode(reply, 429, 'too_many_requests');
    assert.equal(reply.headers.get('retry-after'), '2');
  }
  const loop = setInterval(letGo, 5);
  t.after(() => clearInterval(loop));
  await Promise.all(asked);
  assert.ok(replies.slice(36).every(({ status }) => status === 200 || status === 404));
});
