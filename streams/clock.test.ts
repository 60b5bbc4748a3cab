import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

test('a sleep ends true after its time, or false at once when its signal aborts', async () => {
  const ending = new AbortController();
  const began = performance.now();
  assert.equal(await systemClock.sleep(20, ending.signal), true);
  assert.equal(performance.now() - began > 15, true);
  const cut = systemClock.sleep(60_000, ending.signal);
  ending.abort();
  assert.equal(await cut, false);
  assert.equal(await systemClock.sleep(60_000, ending.signal), false);
});

test('any number of sleeps under one signal share one listener', async () => {
  const ending = new AbortController();
  const sleeps = Array.from({ length: 20_000 }, () => systemClock.sleep(60_000, ending.signal));
  assert.equal(getEventListeners(ending.signal, 'abort').length, 1);
  ending.abort();
  assert.equal((await Promise.all(sleeps)).includes(true), false);
});
