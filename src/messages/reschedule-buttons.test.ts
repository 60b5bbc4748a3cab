import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DialoguePress } from '../domain/reschedule-dialogue.ts';
import { pressData, pressOf } from './reschedule-buttons.ts';

/** Bot API, InlineKeyboardButton. */
const CALLBACK_DATA_MAX_BYTES = 64;
const bare = (['confirm', 'back', 'cancel', 'prev', 'next', 'noop'] as const).map((kind) => ({ kind }));

test('a button says what was pressed, in no more than 64 bytes', () => {
  const minutes = fc
    .integer({ min: 0, max: Date.parse('9999-12-31T23:59Z') / 60_000 })
    .map((count) => new Date(count * 60_000).toISOString());
  const presses: fc.Arbitrary<DialoguePress> = fc.oneof(
    fc.constantFrom(...bare),
    minutes.map((at) => ({ kind: 'day', date: at.slice(0, 10) }) as const),
    minutes.map((starts_at) => ({ kind: 'time', starts_at }) as const),
  );
  fc.assert(
    fc.property(presses, (press) => {
      const data = pressData(press);
      assert.ok(Buffer.byteLength(data) <= CALLBACK_DATA_MAX_BYTES);
      assert.deepEqual(pressOf(data), press);
    }),
  );
});

test('what no button says is nothing', () => {
  const forged = [
    '',
    'bkr:',
    'bkr:jump',
    'bkr:back:1',
    'bkr:day',
    'bkr:day:tomorrow',
    'bkr:day:2026-11-24:x',
    'bke:back',
  ];
  const times = [
    '14:30',
    '2026-11-24',
    '2026-13-24T10:00Z',
    '2026-11-24T25:00Z',
    '2026-11-24T10:00',
    '2026-11-24T10:00:00Z',
  ];
  for (const data of [...forged, ...times.map((time) => `bkr:time:${time}`)]) assert.equal(pressOf(data), null, data);
});
