import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWebhookSecret, webhookSignature } from './signature.ts';

/** Of the reference implementations (standard-webhooks, libraries/javascript). */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  signed: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

test('signs as the reference implementations do', () => {
  assert.equal(webhookSignature([VECTOR.secret], VECTOR.signed), VECTOR.signature);
});

test('signs with each secret, separated by spaces', () => {
  const other = newWebhookSecret();
  const [first, second, ...rest] = webhookSignature([VECTOR.secret, other], VECTOR.signed).split(' ');
  assert.deepEqual([first, second, rest], [VECTOR.signature, webhookSignature([other], VECTOR.signed), []]);
});

test('makes secrets of 24 to 64 random bytes', () => {
  const secret = newWebhookSecret();
  assert.match(secret, /^whsec_[A-Za-z\d+/]+=*$/);
  assert.equal(Buffer.from(secret.slice('whsec_'.length), 'base64').length, 32);
  assert.notEqual(newWebhookSecret(), secret);
});
