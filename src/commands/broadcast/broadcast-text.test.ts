import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BroadcastAnswer } from './broadcast-answer.ts';
import { broadcastLine, broadcastText, previewText } from './broadcast-text.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const PROGRESS: BroadcastAnswer['progress'] = {
  ...{ sent: 900, sent_by: { telegram: 880, web_push: 20 }, failed: 3, failed_by: { 'telegram_400: bad': 3 } },
  ...{ suppressed: 97, suppressed_by: { opted_out: 97 }, remaining: 1000, waiting_quiet: 40, rate_per_second: 29.8 },
  eta: '2026-11-23T10:00:34.000Z',
};
const RUNNING: BroadcastAnswer = {
  ...{ id: 7, company_id: 1, status: 'running', is_test: false, send_at: '2026-11-23T09:00:00.000Z' },
  ...{ finished_at: null, audience_size: 2000, progress: PROGRESS },
};
const EMPTY: BroadcastAnswer['progress'] = {
  ...{ sent: 0, sent_by: {}, failed: 0, failed_by: {}, suppressed: 0, suppressed_by: {} },
  ...{ remaining: null, waiting_quiet: 0, rate_per_second: 0, eta: null },
};

describe('a broadcast in words', () => {
  test('tells its counts with their parts', () => {
    assert.equal(
      broadcastText(RUNNING),
      [
        'broadcast   7 of company 1',
        'status      running',
        'send at     2026-11-23T09:00:00.000Z',
        'audience    2000',
        'sent        900 (telegram: 880, web_push: 20)',
        'failed      3 (telegram_400: bad: 3)',
        'suppressed  97 (opted_out: 97)',
        'remaining   1000 (in quiet hours: 40)',
        'rate        29.8 a second',
        'ends about  2026-11-23T10:00:34.000Z',
        '',
      ].join('\n'),
    );
    const ended = broadcastText({ ...RUNNING, status: 'completed', finished_at: NOW.toISOString(), is_test: true });
    assert.match(ended, /^broadcast +7 of company 1, a test$/m);
    assert.match(ended, /^ended at +2026-11-23T10:00:00.000Z$/m);
    assert.doesNotMatch(ended, /^rate/m);
  });

  test('fits one line with a bar, the pace and the time left', () => {
    assert.equal(
      broadcastLine(RUNNING, NOW),
      `${'█'.repeat(15)}${'░'.repeat(15)} 50 %  1000 of 2000, 3 failed, 29.8/s, 34 s left`,
    );
    assert.match(broadcastLine({ ...RUNNING, status: 'paused' }, NOW), /1000 of 2000, 3 failed, paused/);
    const far = { ...PROGRESS, eta: '2026-11-23T12:05:00.000Z' };
    assert.match(broadcastLine({ ...RUNNING, progress: far }, NOW), /, 2 h 5 min left$/);
    const past = { ...PROGRESS, eta: '2026-11-23T09:59:59.000Z' };
    assert.match(broadcastLine({ ...RUNNING, progress: past }, NOW), /, 0 s left$/);
  });

  test('has no bar before its audience is counted', () => {
    const before: BroadcastAnswer = { ...RUNNING, status: 'scheduled', audience_size: null, progress: EMPTY };
    assert.equal(broadcastLine(before, NOW), 'scheduled for 2026-11-23T09:00:00.000Z');
    assert.match(broadcastText(before), /^remaining +–$/m);
  });
});

test('a preview shows the message as it would be, and nothing that could move the cursor', () => {
  const preview = previewText({
    ...{ audience_size: 120, reached_by: { telegram: 100, web_push: 5 }, opted_out: 10, unreachable: 3, no_channel: 2 },
    waiting_quiet: 6,
    ...{ duration_s: 65, eta: '2026-11-23T10:01:05.000Z', test: { broadcast_id: 8, user_id: 5 } },
    sample: { user_id: 4, html: '<b>Скидки</b>\nвсем\u001B[2J', buttons: ['🔕 Не присылать рекламу'] },
  });
  assert.match(preview, /^audience +120\nby telegram +100\nby web_push +5\nopted out +10\n/);
  assert.match(preview, /^in quiet hours +6\ntakes +1 min 5 s$/m);
  assert.match(preview, /^test +broadcast 8, to user 5$/m);
  assert.match(preview, /\nAs user 4 would see it:\n<b>Скидки<\/b>\nвсем \[2J\n\[🔕 Не присылать рекламу\]\n$/);
});
