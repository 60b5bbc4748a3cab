import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legalLine, markedAd } from './legal-line.ts';
import { TELEGRAM_TEXTS } from './texts.ts';

const { ru, en } = TELEGRAM_TEXTS;
const marking = (ad_advertiser: string | null, ad_marking_token: string | null) => ({
  ad_advertiser,
  ad_marking_token,
});

test('the legal line says what the company has set, in the reader’s language', () => {
  assert.equal(legalLine(marking('ООО «Ромашка»', '2VtzqwX'), ru), 'Реклама. ООО «Ромашка». erid: 2VtzqwX');
  assert.equal(legalLine(marking('Romashka LLC', '2VtzqwX'), en), 'Ad. Romashka LLC. erid: 2VtzqwX');
  assert.equal(legalLine(marking('ООО «Ромашка»', null), ru), 'Реклама. ООО «Ромашка»');
  assert.equal(legalLine(marking(null, '2VtzqwX'), en), 'Ad. erid: 2VtzqwX');
  assert.equal(legalLine(marking(null, null), ru), null);
});

test('a name that ends with a full stop does not get a second one', () => {
  assert.equal(legalLine(marking('ИП Иванов И. И.', '2Vt'), ru), 'Реклама. ИП Иванов И. И. erid: 2Vt');
  assert.equal(legalLine(marking('ИП Иванов И. И.', null), ru), 'Реклама. ИП Иванов И. И.');
});

test('what the company has set is text, in one line', () => {
  const line = legalLine(marking('<b>A\n"B" & C', '<a href="x">\n{{name}} $t(button.hide)'), ru);
  assert.equal(
    line,
    'Реклама. &lt;b&gt;A &quot;B&quot; &amp; C. erid: &lt;a href=&quot;x&quot;&gt; {{name}} $t(button.hide)',
  );
});

test('an ad has its legal line below, or stands alone', () => {
  assert.equal(markedAd('<b>−20 %</b>', marking('ООО «Ромашка»', null), ru), '<b>−20 %</b>\n\nРеклама. ООО «Ромашка»');
  assert.equal(markedAd('<b>−20 %</b>', marking(null, null), ru), '<b>−20 %</b>');
});
