import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallLimits } from './call-limits.ts';

const NEVER = new AbortController().signal;

test('eight calls go to one endpoint at a time, and whoever leaves lets the next one in', async () => {
  const limits = createCallLimits();
  const inside = await Promise.all(Array.from({ length: 8 }, () => limits.enter(1, NEVER)));
  let isIn = false;
  const ninth = limits.enter(1, NEVER).then((leave) => {
    isIn = true;
    return leave;
  });
  const other = await limits.enter(2, NEVER);
  assert.equal(isIn, false);
  inside[0]?.();
  assert.notEqual(await ninth, null);
  for (const leave of [...inside.slice(1), await ninth, other]) leave?.();
});

test('whoever gives up waiting takes no place', async () => {
  const limits = createCallLimits();
  const inside = await Promise.all(Array.from({ length: 8 }, () => limits.enter(1, NEVER)));
  const stopping = new AbortController();
  const waiting = limits.enter(1, stopping.signal);
  stopping.abort();
  assert.equal(await waiting, null);
  assert.equal(await limits.enter(1, stopping.signal), null);
  for (const leave of inside) leave?.();
  const again = await Promise.all(Array.from({ length: 8 }, () => limits.enter(1, NEVER)));
  assert.equal(
    again.every((leave) => leave !== null),
    true,
  );
  for (const leave of again) leave?.();
});
