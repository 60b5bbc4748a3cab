import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from './retry-after.ts';

const NOW = new Date('2026-01-28T14:00:00Z');

const TABLE: [string | null, number][] = [
  ['17', 17_000],
  [' 17 ', 17_000],
  ['Wed, 28 Jan 2026 14:00:30 GMT', 30_000],
  ['Wednesday, 28-Jan-26 14:00:30 GMT', 30_000],
  ['Wed Jan 28 14:00:30 2026', 30_000],
  // Absurd ones are kept within bounds.
  ['0', 1000],
  ['86400', 600_000],
  ['9'.repeat(400), 600_000],
  ['Wed, 28 Jan 2026 13:00:00 GMT', 1000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 600_000],
  // And what makes no sense counts as absent.
  [null, 5000],
  ['', 5000],
  ['-5', 5000],
  ['1.5', 5000],
  ['1e3', 5000],
  ['0x10', 5000],
  ['soon', 5000],
  ['2026-01-28T15:00:00Z', 5000],
  ['Wed, 99 Foo 2026 14:00:30 GMT', 5000],
];

for (const [header, ms] of TABLE)
  test(`Retry-After ${header?.slice(0, 40) ?? 'absent'} means ${ms} ms`, () =>
    assert.equal(retryAfterMs(header, NOW), ms));
