import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createDueTimes } from './due-times.ts';

describe('requests at a fixed rate', () => {
  test('the first is due at once, the others evenly after it', () => {
    const due = createDueTimes({ perSecond: 4, durationMs: 1000 });
    assert.deepEqual([0, 1, 2, 3].map(due.at), [0, 250, 500, 750]);
    assert.deepEqual([-1, 0, 249, 250, 749, 750].map(due.by), [0, 1, 1, 2, 3, 4]);
  });

  test('after the end no more become due', () => {
    const due = createDueTimes({ perSecond: 10, durationMs: 500 });
    assert.equal(due.count, 5);
    assert.equal(due.by(60_000), 5);
  });

  test('a rate of less than one in the whole time is one request', () => {
    assert.equal(createDueTimes({ perSecond: 0.1, durationMs: 1000 }).count, 1);
  });

  test('a request is due in the moment that is said of it, and not before', () => {
    const rate = fc.double({ min: 0.5, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(rate, fc.nat({ max: 200_000 }), (perSecond, number) => {
        const due = createDueTimes({ perSecond, durationMs: 1e9 });
        fc.pre(number < due.count);
        assert.ok(due.by(due.at(number)) > number, 'too late');
        assert.ok(due.by(due.at(number) - 1000 / perSecond / 2) <= number, 'too early');
      }),
    );
  });

  test('no rate and no time are refused', () => {
    for (const wrong of [0, -1, Number.NaN]) {
      assert.throws(() => createDueTimes({ perSecond: wrong, durationMs: 1000 }), RangeError);
      assert.throws(() => createDueTimes({ perSecond: 1, durationMs: wrong }), RangeError);
    }
  });
});
