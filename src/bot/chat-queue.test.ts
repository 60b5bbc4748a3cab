import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatQueue } from './chat-queue.ts';

/** Works that end when they are told to, and what has begun so far. */
function scripted() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    async end(name: string) {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('works of a chat run one after another, those of other chats beside them', async () => {
  const { begun, work, end } = scripted();
  const queue = createChatQueue();
  const first = queue.run(1, work('a'));
  void queue.run(1, work('b'));
  void queue.run(2, work('x'));
  await end('nobody');
  assert.deepEqual(begun, ['a', 'x']);
  await end('a');
  assert.equal(await first, 'a');
  assert.deepEqual(begun, ['a', 'x', 'b']);
});

test('a work that throws holds up nothing behind it', async () => {
  const queue = createChatQueue();
  const failing = queue.run(1, () => Promise.reject(new Error('a bug')));
  assert.equal(await queue.run(1, async () => 'next'), 'next');
  await assert.rejects(failing, /a bug/);
});

test('is idle when the last work has ended, also one that came meanwhile, and keeps nothing of its chats', async () => {
  const { work, end } = scripted();
  const queue = createChatQueue();
  void queue.run(1, work('a')).then(() => queue.run(2, work('late')));
  let isIdle = false;
  const idle = queue.idle().then(() => {
    isIdle = true;
  });
  await end('nobody');
  await end('a');
  assert.deepEqual([isIdle, queue.size], [false, 1]);
  await end('late');
  await idle;
  assert.equal(queue.size, 0);
});
