import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { createLinkSigner, type LinkClaims } from './link-signer.ts';

const secret = Buffer.alloc(32, 7);
const signer = createLinkSigner({ secret });
const now = new Date('2026-11-23T10:00:00Z');
const later = new Date('2026-11-23T10:00:01Z');
const claims: LinkClaims = {
  purpose: 'booking',
  company_id: 2 ** 31 - 1,
  user_id: 17,
  booking_id: 123,
  event_type: 'booking_reminder',
};
const token = signer.sign(claims, later);
const verify = (text: string, at = now) => signer.verify(text, ['booking'], at);

describe('a signed link', () => {
  test('gives back what was signed', () => {
    assert.deepEqual(verify(token), claims);
    const bare: LinkClaims = { ...claims, purpose: 'subscribe', booking_id: null, event_type: null };
    assert.deepEqual(signer.verify(signer.sign(bare, later), ['device', 'subscribe'], now), bare);
  });

  test('fits the start parameter of Telegram: at most 64 letters, digits, _ and -', () => {
    assert.match(signer.sign({ ...claims, purpose: 'telegram_start' }, later), /^[\w-]{1,64}$/);
  });

  test('ends at its second', () => {
    assert.deepEqual(verify(token, new Date(later.getTime() - 1)), claims);
    assert.equal(verify(token, later), 'expired');
  });

  test('is for one purpose only', () => {
    assert.equal(signer.verify(token, ['subscribe', 'device', 'calendar', 'telegram_start'], now), 'other_purpose');
    assert.equal(signer.verify(token, [], now), 'other_purpose');
  });

  test('is worth nothing under another secret', () => {
    assert.equal(createLinkSigner({ secret: randomBytes(32) }).verify(token, ['booking'], now), 'bad_signature');
  });

  test('does not survive the change of a single bit', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.equal(verify(altered.toString('base64url')), 'bad_signature');
    }
  });

  test('is refused cut short, made longer, and in any other spelling', () => {
    for (let length = 0; length < token.length; length += 1) assert.equal(verify(token.slice(0, length)), 'malformed');
    const others = [`${token}=`, `${token}\n`, ` ${token}`, `${token}A`, `${token.slice(0, -1)}+`, token + token];
    const strange = ['🔑'.repeat(24), `${token.slice(0, -1)}й`, '\0'.repeat(48), 'x'.repeat(10_000_000)];
    for (const text of [...others, ...strange]) assert.equal(verify(text), 'malformed');
    assert.equal(verify('A'.repeat(48)), 'bad_signature');
  });

  test('of a purpose that this version does not know is refused, whoever signed it', () => {
    const unknown = Buffer.from(token, 'base64url').subarray(0, 18);
    unknown.writeUInt8(99, 0);
    const signature = createHmac('sha256', secret).update(unknown).digest().subarray(0, 18);
    assert.equal(verify(Buffer.concat([unknown, signature]).toString('base64url')), 'malformed');
  });
});
