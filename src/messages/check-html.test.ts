import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAdHtml, checkBroadcastHtml, fitsMessage } from './check-html.ts';
import { AD_MAX_LENGTH, BROADCAST_MAX_LENGTH, MESSAGE_MAX_LENGTH } from './limits.ts';

test('an ad and a broadcast must be HTML that Telegram takes, with something to read', () => {
  for (const check of [checkAdHtml, checkBroadcastHtml]) {
    assert.equal(check('<b>−20 %</b> &amp; <a href="https://example.com">more</a>'), null);
    assert.match(check('<b>−20 %') ?? '', /^must be Telegram HTML: can't parse entities: Can't find end tag/);
    assert.match(check('<p>−20 %</p>') ?? '', /^must be Telegram HTML: can't parse entities: Unsupported start tag/);
    assert.equal(check('<b> \n</b>'), 'must show some text');
  }
});

test('their lengths are those of what is shown, in UTF-16 units', () => {
  for (const [check, most] of [
    [checkAdHtml, AD_MAX_LENGTH],
    [checkBroadcastHtml, BROADCAST_MAX_LENGTH],
  ] as const) {
    assert.equal(check(`<b>${'&amp;'.repeat(most)}</b>`), null);
    assert.equal(check('😀'.repeat(most / 2)), null);
    assert.equal(check(`${'😀'.repeat(most / 2)}!`), `must show at most ${most} characters`);
  }
});

test('an ad takes of the broadcast’s room', () => {
  const text = '&lt;'.repeat(BROADCAST_MAX_LENGTH - 10);
  assert.equal(checkBroadcastHtml(text, '<b>0123456789</b>'), null);
  const room = BROADCAST_MAX_LENGTH - 11;
  assert.equal(checkBroadcastHtml(text, '<b>0123456789!</b>'), `must show at most ${room} characters`);
});

test('a message fits by what it shows', () => {
  const full = '&lt;'.repeat(MESSAGE_MAX_LENGTH);
  assert.deepEqual([fitsMessage(full), fitsMessage(`<b>${full}</b>`), fitsMessage(`${full}!`)], [true, true, false]);
});
