import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBell } from './bell.ts';

test('whoever waits hears a ring, also one that came between their look and their wait', async () => {
  const bell = createBell();
  const [early, late] = [bell.next(), bell.next()];
  const waiting = early(new AbortController().signal);
  bell.ring();
  await Promise.all([waiting, late(new AbortController().signal)]);
});

test('who has stopped waiting is forgotten, though nobody rings', async () => {
  const bell = createBell();
  const gone = new AbortController();
  const { signal } = gone;
  const waiting = bell.next()(signal);
  gone.abort();
  await waiting;
  let touched = 0;
  signal.removeEventListener = () => {
    touched += 1;
  };
  bell.ring();
  assert.equal(touched, 0);
});
