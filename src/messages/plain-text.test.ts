import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_MAX_LENGTH } from './limits.ts';
import { plainText } from './plain-text.ts';

const TEXTS: [string, string, string][] = [
  ['formatting is dropped', '<b>Скидка</b> <a href="https://salon.example/">тут</a>', 'Скидка тут'],
  ['references are read once', '1 &lt; 2 &amp;amp; 3 &#33;', '1 < 2 &amp; 3 !'],
  ['tags that Telegram does not know are dropped', '<p class="x">Скидка<br/></p>', 'Скидка'],
  ['tags that do not match are dropped', '<b>Скидка</i> &amp; <u>ещё', 'Скидка & ещё'],
  ['references in what is no HTML are read once', '<b>1 &lt; 2 &amp;lt; &nbsp; &', '1 < 2 &lt; &nbsp; &'],
  ['a sign that opens no tag stays', '<b>1 < 2 и 3 > 2', '1 < 2 и 3 > 2'],
  ['a tag within a tag is dropped, and what is left of it stays', '<b <i>Скидка', '<b Скидка'],
  ['half a character is replaced', '<b>\uD83D', '\u{FFFD}'],
  ['white space around it is dropped', ' <b>\nСкидка\n</b> ', 'Скидка'],
];
for (const [what, html, text] of TEXTS) test(what, () => assert.equal(plainText(html), text));

test('what is too long for a message is cut between characters', () => {
  const family = '👨‍👩‍👧';
  for (const html of [family.repeat(1000), `<b>${family.repeat(1000)}`]) {
    const text = plainText(html);
    assert.ok(text.length <= MESSAGE_MAX_LENGTH && text.length > MESSAGE_MAX_LENGTH - family.length - 1);
    assert.equal(text.replaceAll(family, ''), '…');
  }
  assert.equal(plainText('x'.repeat(MESSAGE_MAX_LENGTH)).length, MESSAGE_MAX_LENGTH);
});
