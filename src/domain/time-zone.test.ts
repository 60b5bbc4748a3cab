import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeZone } from './time-zone.ts';

test('accepts places of the IANA database, old spellings included, and UTC', () => {
  for (const name of ['Europe/Moscow', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/UTC', 'UTC'])
    assert.equal(isTimeZone(name), true, name);
});

test('refuses offsets, abbreviations and anything else', () => {
  const bad = ['+03:00', '-0500', 'GMT+3', 'UTC+3', 'EST', 'CET', 'MSK', 'EST5EDT', 'Mars/Olympus', 'Москва', ' ', ''];
  for (const name of [...bad, 'Europe/Moscow ', 'Europe/', '/', '__proto__/x', 'local'])
    assert.equal(isTimeZone(name), false, name);
});
