import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#streams/clock.ts';
import { createPacedQueue } from './paced-queue.ts';

const GAP_MS = 50;
const never = new AbortController().signal;

function openQueue() {
  const queue = createPacedQueue<string>({ atOnce: 1, gapMs: GAP_MS, isTaken: (answer) => answer !== 'not now' });
  const went: { name: string; at: number }[] = [];
  const from = systemClock.monotonicMs();
  const wait = (name: string, answer = name, signal = never) =>
    queue.wait(async () => {
      went.push({ name, at: systemClock.monotonicMs() - from });
      return answer;
    }, signal);
  return { queue, wait, went, names: () => went.map(({ name }) => name) };
}

test('who waits goes in order and at the pace', async () => {
  const { wait, went, names } = openQueue();
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((name) => wait(name))), ['a', 'b', 'c']);
  assert.deepEqual(names(), ['a', 'b', 'c']);
  assert.ok((went[2]?.at ?? 0) >= 2 * GAP_MS - 10);
});

test('who takes nothing costs the others no time', async () => {
  const { wait, went } = openQueue();
  const many = Array.from({ length: 100 }, (_, n) => wait(`${n}`, 'not now'));
  await Promise.all([...many, wait('last')]);
  assert.ok((went.at(-1)?.at ?? 0) < 20 * GAP_MS);
});

test('who leaves is answered at once, also behind somebody who takes long, and costs the others no time', async () => {
  const { queue, wait, went, names } = openQueue();
  const leaving = new AbortController();
  let end = (): void => undefined;
  const long = new Promise<string>((resolve) => {
    end = () => resolve('long');
  });
  const first = queue.wait(() => long, never);
  const left = Array.from({ length: 100 }, (_, n) => wait(`${n}`, 'left', leaving.signal));
  leaving.abort();
  assert.deepEqual([...new Set(await Promise.all(left))], [null]);
  assert.equal(await wait('late', 'late', leaving.signal), null);
  end();
  assert.equal(await first, 'long');
  await wait('next');
  assert.deepEqual(names(), ['next']);
  assert.ok((went[0]?.at ?? 0) < 20 * GAP_MS);
});

test('who comes while turns are left over from those who left waits for no new one', async () => {
  const { wait, names } = openQueue();
  const leaving = new AbortController();
  const left = [wait('a'), wait('b', 'b', leaving.signal), wait('c', 'c', leaving.signal)];
  leaving.abort();
  await Promise.all([...left, wait('d'), wait('e'), wait('f')]);
  assert.deepEqual(names(), ['a', 'd', 'e', 'f']);
});
