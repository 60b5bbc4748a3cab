import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { USER_TEXT_MAX_LENGTH } from './limits.ts';
import { displayText } from './user-text.ts';

describe('a user’s own text', () => {
  const cases: [string, string, string][] = [
    ['stays as it is when it is ordinary', 'Иван Петров', 'Иван Петров'],
    ['keeps markup as text', '<b>Иван</b> & Co', '<b>Иван</b> & Co'],
    ['keeps an emoji made of several', '👨‍👩‍👧‍👦 Семья', '👨‍👩‍👧‍👦 Семья'],
    ['cannot start a line', 'Иван\n📞 +7 000\r\n\u2028🕐', 'Иван 📞 +7 000 🕐'],
    ['loses control characters', 'И\u0000в\u0007ан\u0085\u001b[31m', 'И в ан [31m'],
    ['is trimmed, and its spaces run together', '\t Иван  \u00A0 Петров ', 'Иван Петров'],
    ['shows lone surrogates as unknown characters', 'a\uD83Db\uDC68', 'a\uFFFDb\uFFFD'],
    ['is isolated when it runs right to left', 'שרה כהן', '\u2068שרה כהן\u2069'],
    ['is isolated when it only ends right to left', 'Ivan محمد', '\u2068Ivan محمد\u2069'],
    ['is isolated when it carries a direction mark', 'Иван\u200F!', '\u2068Иван\u200F!\u2069'],
    ['loses what turns the text around', '\u202EнавИ\u202C\u2066\u2069', 'навИ'],
    ['is a dash when it is empty', '', '—'],
    ['is a dash when it is blank', ' \n\u00A0', '—'],
    ['is a dash when it is invisible', '\u200B\u2060\u00AD', '—'],
  ];
  for (const [behaviour, raw, shown] of cases) {
    test(behaviour, () => assert.equal(displayText(raw), shown));
  }
});

describe('a text that is too long', () => {
  test('is whole at the limit and cut above it', () => {
    assert.equal(displayText('я'.repeat(USER_TEXT_MAX_LENGTH)), 'я'.repeat(USER_TEXT_MAX_LENGTH));
    assert.equal(displayText('я'.repeat(5000)), `${'я'.repeat(USER_TEXT_MAX_LENGTH - 1)}…`);
  });

  test('is cut between emoji, not inside one', () => {
    const family = '👨‍👩‍👧‍👦';
    assert.equal(displayText(family.repeat(500)), `${family.repeat(11)}…`);
    assert.equal(displayText('🇷🇺'.repeat(500)), `${'🇷🇺'.repeat(31)}…`);
    assert.equal(displayText('е\u0301'.repeat(500)), `${'е\u0301'.repeat(63)}…`);
  });

  test('is cut inside a character only when that alone is too long', () => {
    const shown = displayText(`Z${'\u0301'.repeat(5000)}`);
    assert.equal(shown, `Z${'\u0301'.repeat(USER_TEXT_MAX_LENGTH - 2)}…`);
    const joined = displayText(Array(2000).fill('👨').join('\u200D'));
    assert.ok(joined.isWellFormed() && joined.startsWith('👨\u200D👨'));
  });

  test('loses the space before the cut', () => {
    assert.equal(displayText(`${'я'.repeat(USER_TEXT_MAX_LENGTH - 2)} ${'я'.repeat(99)}`).at(-2), 'я');
  });
});

test('any text becomes one visible, well-formed, bounded line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (raw) => {
      const shown = displayText(raw);
      assert.match(shown, /^[^\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E]+$/u);
      assert.ok(shown.length <= USER_TEXT_MAX_LENGTH + 2);
      assert.equal(displayText(shown), shown);
    }),
  );
});
