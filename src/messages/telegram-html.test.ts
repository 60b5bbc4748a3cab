import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseTelegramHtml, type TelegramEntity } from './telegram-html.ts';

function accepted(html: string): { text: string; entities: TelegramEntity[] } {
  const parsed = parseTelegramHtml(html);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return { text: parsed.text, entities: parsed.entities };
}

function refusal(html: string): string {
  const parsed = parseTelegramHtml(html);
  assert.ok(!parsed.ok, `accepted ${html}`);
  return parsed.error;
}

describe('Telegram HTML', () => {
  const simpleTags: [string, TelegramEntity['type']][] = [
    ['b', 'bold'],
    ['strong', 'bold'],
    ['i', 'italic'],
    ['em', 'italic'],
    ['u', 'underline'],
    ['ins', 'underline'],
    ['s', 'strikethrough'],
    ['strike', 'strikethrough'],
    ['del', 'strikethrough'],
    ['tg-spoiler', 'spoiler'],
    ['code', 'code'],
    ['pre', 'pre'],
    ['blockquote', 'blockquote'],
  ];
  for (const [tag, type] of simpleTags)
    test(`marks what stands in <${tag}> as ${type}`, () => {
      assert.deepEqual(accepted(`a<${tag}>bc</${tag}>d`), {
        text: 'abcd',
        entities: [{ type, offset: 1, length: 2 }],
      });
    });

  const withArguments: [string, TelegramEntity[]][] = [
    ['<span class="tg-spoiler">x</span>', [{ type: 'spoiler', offset: 0, length: 1 }]],
    ['<blockquote expandable>x</blockquote>', [{ type: 'expandable_blockquote', offset: 0, length: 1 }]],
    ['<blockquote expandable="">x</blockquote>', [{ type: 'expandable_blockquote', offset: 0, length: 1 }]],
    ['<pre><code class="language-ts">x</code></pre>', [{ type: 'pre', language: 'ts', offset: 0, length: 1 }]],
    ['<code class="language-ts"><pre>x</pre></code>', [{ type: 'pre', language: 'ts', offset: 0, length: 1 }]],
    ['<code class="language-ts">x</code>', [{ type: 'code', offset: 0, length: 1 }]],
    [
      '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
      [{ type: 'custom_emoji', custom_emoji_id: '5368324170671202286', offset: 0, length: 2 }],
    ],
    [
      "<a href='https://a.b/?x=1&amp;y=2'>x</a>",
      [{ type: 'text_link', url: 'https://a.b/?x=1&y=2', offset: 0, length: 1 }],
    ],
    ['<a href="A.b">x</a>', [{ type: 'text_link', url: 'http://a.b/', offset: 0, length: 1 }]],
    ['<a>a.b</a>', [{ type: 'text_link', url: 'http://a.b/', offset: 0, length: 3 }]],
    ['<a href="tg://user?id=42">x</a>', [{ type: 'text_mention', user: { id: 42 }, offset: 0, length: 1 }]],
    [
      '<a href="tg://resolve?domain=x">x</a>',
      [{ type: 'text_link', url: 'tg://resolve?domain=x', offset: 0, length: 1 }],
    ],
    ['<a href="javascript:alert(1)">x</a>', []],
    ['<a href="localhost">x</a>', []],
  ];
  for (const [html, entities] of withArguments)
    test(`reads ${html}`, () => assert.deepEqual(accepted(html).entities, entities));

  test('counts offsets and lengths in UTF-16 units, the outer entity first', () => {
    assert.deepEqual(accepted('💇 <b>Стр<i>ижка</i></b>'), {
      text: '💇 Стрижка',
      entities: [
        { type: 'bold', offset: 3, length: 7 },
        { type: 'italic', offset: 6, length: 4 },
      ],
    });
  });

  const references: [string, string][] = [
    ['&lt;b&gt; &amp; &quot;', '<b> & "'],
    ['&amp;lt;', '&lt;'],
    ['&lt', '<'],
    ['&copy; &apos; &LT; & &', '&copy; &apos; &LT; & &'],
    ['&#128512;&#x1F600;&#65', '😀😀A'],
    ['&#xd83d;&#xde00;', '😀'],
    ['&#0; &#; &#x; &#x110000; &#00000065;', '&#0; &#; &#x; &#x110000; &#00000065;'],
    ['a > b', 'a > b'],
  ];
  for (const [html, text] of references)
    test(`decodes ${html}`, () => assert.deepEqual(accepted(html), { text, entities: [] }));

  const tolerated: [string, string][] = [
    ['<B>x</b>', 'x'],
    ['<b>x</>', 'x'],
    ['<b \n id="q" data>x</b >', 'x'],
    ['<b></b>x', 'x'],
    ['', ''],
  ];
  for (const [html, text] of tolerated)
    test(`tolerates ${JSON.stringify(html)} as Telegram does`, () => assert.equal(accepted(html).text, text));

  const refused: [string, string][] = [
    ['<p>x</p>', 'Unsupported start tag "p" at byte offset 0'],
    ['ж💇<br>', 'Unsupported start tag "br" at byte offset 6'],
    ['<br/>', 'Unsupported start tag "br/" at byte offset 0'],
    ['1 < 2 >', 'Unsupported start tag "" at byte offset 2'],
    ['1 <2', 'Unclosed start tag at byte offset 2'],
    ['<!-- x -->', 'Unsupported start tag "!--" at byte offset 0'],
    ['<b>x', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<b><i>x</i>', 'Can\'t find end tag corresponding to start tag "b"'],
    ['x</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<b>x</b', 'Unclosed end tag at byte offset 4'],
    ['<b>x</b y>', 'Unclosed end tag at byte offset 4'],
    ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<span class="red">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
    ['<a href="x"', 'Unclosed start tag at byte offset 0'],
    ['<a href=', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href=http://x>', 'Unexpected end of name token at byte offset 8'],
    ['<a ="x">', 'Empty attribute name in the tag "a" at byte offset 0'],
    ['<tg-emoji emoji-id="x">👍</tg-emoji>', 'Invalid custom emoji identifier specified'],
    [
      '&#xd83d;',
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    ],
  ];
  for (const [html, error] of refused)
    test(`refuses ${html} in Telegram's words`, () => {
      assert.equal(refusal(html), `can't parse entities: ${error}`);
    });

  test('gives back any text that was escaped', () => {
    const escapeHtml = (text: string): string =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.deepEqual(accepted(`<b>${escapeHtml(text)}</b>`).text, text);
      }),
    );
  });

  test('never throws and never points outside the text, whatever it is given', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<b>',
        '</b>',
        '<i',
        '<a href="',
        '">',
        '&',
        '&#',
        '&lt',
        '<pre>',
        '<code class=',
        '</',
        '>',
        ' ',
        '\0',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const parsed = parseTelegramHtml(pieces.join(''));
        if (!parsed.ok) return;
        for (const { offset, length } of parsed.entities) {
          assert.ok(offset >= 0 && length > 0 && offset + length <= parsed.text.length);
        }
      }),
    );
  });
});
