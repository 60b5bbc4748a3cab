import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeNotification, PAYLOAD_MAX_BYTES, type PushNotification } from './push-notification.ts';

const NOTIFICATION: PushNotification = {
  title: 'Новая запись #123',
  body: 'Стрижка\n28.01.2026 14:00',
  navigate: 'https://salon.example/b/abc',
  tag: 'booking-1-123',
  lang: 'ru',
};

const encode = (changes: Partial<PushNotification>, maxBytes = PAYLOAD_MAX_BYTES) => {
  const payload = encodeNotification({ ...NOTIFICATION, ...changes }, maxBytes);
  assert.ok(payload !== null);
  return { bytes: payload.length, ...JSON.parse(payload.toString()) };
};

test('is a declarative push message', () => {
  const { bytes, ...message } = encode({});
  assert.deepEqual(message, { web_push: 8030, notification: NOTIFICATION });
  assert.equal(encode({ silent: true }).notification.silent, true);
});

describe('a message that is too long', () => {
  const BODIES: [string, string][] = [
    ['plain text', 'x'.repeat(10_000)],
    ['Cyrillic', 'Ж'.repeat(10_000)],
    ['emoji', '😀'.repeat(5000)],
    ['families of joined emoji', '👨‍👩‍👧‍👦'.repeat(1000)],
    ['combined letters', 'e\u0301'.repeat(5000)],
    ['what JSON escapes', '"\\\n\u0001'.repeat(3000)],
    ['half surrogate pairs', '\ud83d'.repeat(5000)],
  ];
  for (const [name, body] of BODIES)
    test(`keeps to the limit on a character boundary: ${name}`, () => {
      const { bytes, notification } = encode({ body });
      assert.ok(bytes <= PAYLOAD_MAX_BYTES && bytes > PAYLOAD_MAX_BYTES - 40, String(bytes));
      assert.equal(notification.title, NOTIFICATION.title);
      assert.ok(notification.body.endsWith('…'));
      assert.ok(body.toWellFormed().startsWith(notification.body.slice(0, -1)));
    });

  test('ends between graphemes', () => {
    const family = '👨‍👩‍👧‍👦';
    const { notification } = encode({ body: family.repeat(1000) });
    assert.equal(notification.body.slice(0, -1).length % family.length, 0);
  });

  test('loses its body before its title', () => {
    const { bytes, notification } = encode({ title: 'T'.repeat(5000), body: 'B'.repeat(5000) });
    assert.ok(bytes <= PAYLOAD_MAX_BYTES);
    assert.equal(notification.body, '');
    assert.match(notification.title, /^T{2000,}…$/);
  });

  test('fits any limit that leaves room for what must stay whole', () => {
    const bare = encode({ title: '', body: '' }).bytes;
    for (let limit = bare + 3; limit < bare + 80; limit += 1)
      assert.ok(encode({}, limit).bytes <= limit, String(limit));
  });

  test('is none at all when its link alone is too long', () => {
    assert.equal(encodeNotification({ ...NOTIFICATION, navigate: 'x'.repeat(3000) }, PAYLOAD_MAX_BYTES), null);
  });

  test('takes no time to speak of, however long', () => {
    const started = performance.now();
    encode({ body: '\u0301'.repeat(5_000_000) });
    assert.ok(performance.now() - started < 1000);
  });
});

test('a body that just fits is left alone', () => {
  const room = PAYLOAD_MAX_BYTES - encode({ body: '' }).bytes;
  assert.equal(encode({ body: 'x'.repeat(room) }).notification.body.length, room);
  assert.equal(encode({ body: 'x'.repeat(room + 1) }).notification.body, `${'x'.repeat(room - 3)}…`);
});
