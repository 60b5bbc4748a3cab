// For the words of a failed `assert.ok(value)` Node parses the test's source. In a transpiled test it looks in the wrong
// place for up to a minute, and a test that failed looks like one that hangs. The stack already names the right line.
import assert, { AssertionError } from 'node:assert/strict';

assert.ok = function ok(value, message = undefined) {
  if (value) return;
  if (message instanceof Error) throw message;
  throw new AssertionError({
    message: message ?? 'the asserted value is falsy',
    actual: value,
    expected: true,
    operator: '==',
    stackStartFn: ok,
  });
};
