import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurnstile } from './turnstile.ts';

const never = new AbortController().signal;

/** Enters one after another and notes the order in which they were let in. */
function crowd(capacity: number) {
  const turnstile = createTurnstile(capacity);
  const inside: [string, () => void][] = [];
  const enter = (name: string, company: number, signal = never) =>
    turnstile.enter(company, signal).then((leave) => {
      if (leave) inside.push([name, leave]);
      return leave;
    });
  const names = async () => {
    await new Promise(setImmediate);
    return inside.map(([name]) => name);
  };
  return { enter, names, inside };
}

test('no more are inside than there is room for', async () => {
  const { enter, names, inside } = crowd(2);
  for (const name of ['a', 'b', 'c', 'd']) void enter(name, 1);
  assert.deepEqual(await names(), ['a', 'b']);
  inside[0]?.[1]();
  inside[0]?.[1]();
  assert.deepEqual(await names(), ['a', 'b', 'c']);
});

test('companies take turns, and each keeps its own order', async () => {
  const { enter, names, inside } = crowd(1);
  void enter('first', 9);
  for (const name of ['a1', 'a2', 'a3']) void enter(name, 1);
  for (const name of ['b1', 'b2']) void enter(name, 2);
  for (let index = 0; index < 6; index += 1) {
    await names();
    inside[index]?.[1]();
  }
  assert.deepEqual(await names(), ['first', 'a1', 'b1', 'a2', 'b2', 'a3']);
});

test('who gives up waits no longer, and takes no room', async () => {
  const { enter, names, inside } = crowd(1);
  const leaving = new AbortController();
  void enter('inside', 1);
  const gaveUp = enter('gave up', 1, leaving.signal);
  void enter('next', 2);
  leaving.abort();
  assert.equal(await gaveUp, null);
  inside[0]?.[1]();
  assert.deepEqual(await names(), ['inside', 'next']);
  inside[1]?.[1]();
  void enter('later', 1);
  assert.deepEqual(await names(), ['inside', 'next', 'later']);
  assert.equal(await enter('aborted', 1, AbortSignal.abort()), null);
});
