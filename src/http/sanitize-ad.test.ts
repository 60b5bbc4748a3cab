import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sanitizeAd } from './sanitize-ad.ts';

test('an ad keeps its text, lists, links and pictures', () => {
  const html = '<h2>Скидка 20 %</h2><p>До <b>конца</b> <em>месяца</em>:</p><ul><li>маникюр</li></ul>';
  assert.equal(sanitizeAd(html), html);
  assert.equal(
    sanitizeAd('<a href="https://salon.example/?a=1&amp;b=2" onclick="x()" style="color:red">Сюда</a>'),
    '<a href="https://salon.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">Сюда</a>',
  );
  assert.equal(
    sanitizeAd('<img src="https://cdn.example/a.png" alt="Весна" width="300" height="100%" onerror="x()">'),
    '<img src="https://cdn.example/a.png" alt="Весна" loading="lazy" referrerpolicy="no-referrer" width="300" />',
  );
  assert.equal(sanitizeAd('5 < 6 & "7" > 4'), '5 &lt; 6 &amp; "7" &gt; 4');
});

test('nothing of an ad runs, frames, posts, or looks like a page of ours', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
    '<img src="http://cdn.example/a.png">',
    '<img src="//cdn.example/a.png">',
    '<svg><script>alert(1)</script></svg>',
    '<svg/onload=alert(1)>',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="x"></object><embed src="x">',
    '<form action="https://evil.example"><input name="phone"><button>Go</button></form>',
    '<style>*{display:none}</style>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    '<template><img src=x onerror=alert(1)></template>',
    '<textarea></textarea><script>x</script>',
  ];
  for (const html of hostile)
    assert.doesNotMatch(sanitizeAd(html), /<(?!\/?p\b)/, `${html} became ${sanitizeAd(html)}`);
  for (const href of [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
  ])
    assert.doesNotMatch(sanitizeAd(`<a href="${href}">x</a>`), /href/);
  for (const href of ['/booking', '//evil.example', 'booking#x', '#x', '?x'])
    assert.equal(sanitizeAd(`<a href="${href}">x</a>`), '<a>x</a>');
  assert.equal(sanitizeAd('<p id="card" class="danger" style="position:fixed" data-words="x">x</p>'), '<p>x</p>');
});

test('an ad of deep nesting or open ends costs little', () => {
  const began = performance.now();
  for (const html of ['<div>'.repeat(10_000), '<'.repeat(50_000), '<a href='.repeat(6_000), '<!--'.repeat(12_000)])
    sanitizeAd(html);
  assert.ok(performance.now() - began < 5_000);
  assert.ok((sanitizeAd('<div>'.repeat(1_000)).match(/<div>/g) ?? []).length <= 20);
});
