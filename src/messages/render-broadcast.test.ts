import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LOCALES } from '../domain/events.ts';
import { checkBroadcastHtml } from './check-html.ts';
import { AD_MAX_LENGTH, BROADCAST_MAX_LENGTH, MESSAGE_MAX_LENGTH } from './limits.ts';
import { type BroadcastRequest, renderBroadcast } from './render-broadcast.ts';
import { parseTelegramHtml } from './telegram-html.ts';

const NO_MARKING = { ad_advertiser: null, ad_marking_token: null };
const NEWS: BroadcastRequest = {
  ...{ locale: 'ru', user_id: 7, tg_html: '<b>Весна</b> пришла', legal: NO_MARKING, company_name: null },
};

function shownText(html: string): string {
  const parsed = parseTelegramHtml(html);
  if (!parsed.ok) assert.fail(parsed.error);
  return parsed.text;
}

describe('a broadcast', () => {
  test('is the company’s text with a button that ends all ads', () => {
    assert.deepEqual(renderBroadcast(NEWS), {
      html: '<b>Весна</b> пришла',
      keyboard: [[{ text: '🔕 Не присылать рекламу', callback_data: 'bks:stop:7' }]],
    });
    const english = renderBroadcast({ ...NEWS, locale: 'en', user_id: 2 ** 31 - 1 });
    assert.deepEqual(english.keyboard, [[{ text: '🔕 No more ads', callback_data: 'bks:stop:2147483647' }]]);
  });

  test('has the company’s name above, then the ad and the legal line below', () => {
    const { html } = renderBroadcast({
      ...NEWS,
      ad_html: '<i>−20 %</i>',
      legal: { ad_advertiser: 'ООО <Ромашка>', ad_marking_token: '2Vt' },
      company_name: 'Весна & Co',
    });
    assert.equal(
      html,
      '🏢 Весна &amp; Co\n\n<b>Весна</b> пришла\n\n<i>−20 %</i>\n\nРеклама. ООО &lt;Ромашка&gt;. erid: 2Vt',
    );
  });

  test('has its legal line without an ad too', () => {
    const { html } = renderBroadcast({ ...NEWS, legal: { ...NO_MARKING, ad_advertiser: 'Ромашка' } });
    assert.equal(html, '<b>Весна</b> пришла\n\nРеклама. Ромашка');
  });

  test('fits at its full length, with and without an ad', () => {
    const long = {
      company_name: 'ש'.repeat(5000),
      legal: { ad_advertiser: 'ש'.repeat(128), ad_marking_token: 'ש'.repeat(64) },
    };
    for (const locale of LOCALES)
      for (const ad_html of [undefined, 'я'.repeat(AD_MAX_LENGTH)]) {
        const tg_html = 'я'.repeat(BROADCAST_MAX_LENGTH - (ad_html?.length ?? 0));
        assert.equal(checkBroadcastHtml(tg_html, ad_html), null);
        const text = shownText(renderBroadcast({ ...NEWS, ...long, locale, tg_html, ad_html }).html);
        assert.equal(text.includes(`${tg_html}\n\n${ad_html ?? ''}`), true);
        assert.equal(text.length <= MESSAGE_MAX_LENGTH, true, `${text.length}`);
      }
  });

  test('leaves out an ad that has grown too long for it', () => {
    const tg_html = 'я'.repeat(BROADCAST_MAX_LENGTH);
    const ad_html = 'я'.repeat(MESSAGE_MAX_LENGTH - BROADCAST_MAX_LENGTH);
    assert.equal(renderBroadcast({ ...NEWS, tg_html, ad_html }).html, tg_html);
  });
});
