import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkedSignal } from './linked-signal.ts';

test('aborts with any of those it follows, for the same reason', () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const { signal } = linkedSignal(a.signal, b.signal);
  b.abort('because');
  assert.equal(signal.aborted, true);
  assert.equal(signal.reason, 'because');
  assert.equal(linkedSignal(a.signal, b.signal).signal.aborted, true);
});

test('follows nobody once it is unlinked', () => {
  const followed = new AbortController();
  const link = linkedSignal(followed.signal);
  link.unlink();
  followed.abort();
  assert.equal(link.signal.aborted, false);
});

test('aborts alone without touching those it follows', () => {
  const followed = new AbortController();
  const link = linkedSignal(followed.signal);
  link.abort();
  assert.equal(link.signal.aborted, true);
  assert.equal(followed.signal.aborted, false);
});
