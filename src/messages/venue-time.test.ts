import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVenueTime } from './venue-time.ts';

const AT = new Date('2026-03-28T22:05:00Z');

test('shows the venue’s own date and time', () => {
  assert.equal(formatVenueTime(AT, 'UTC', 'ru'), '28.03.2026 22:05');
  assert.equal(formatVenueTime(AT, 'Asia/Vladivostok', 'ru'), '29.03.2026 08:05');
  assert.equal(formatVenueTime(AT, 'Asia/Kolkata', 'en'), '29 Mar 2026, 03:35');
});

test('follows the venue’s change of clock', () => {
  const beforeAndAfter = ['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'].map((at) =>
    formatVenueTime(new Date(at), 'Europe/Berlin', 'ru'),
  );
  assert.deepEqual(beforeAndAfter, ['29.03.2026 01:59', '29.03.2026 03:00']);
});

test('names the month in English and pads no day', () => {
  assert.equal(formatVenueTime(new Date('2026-09-01T00:00:00Z'), 'UTC', 'en'), '1 Sep 2026, 00:00');
});

test('refuses a zone it does not know', () => {
  assert.throws(() => formatVenueTime(AT, 'Mars/Olympus', 'ru'), RangeError);
});
