import { createCipheriv, createECDH, createHmac, type ECDH, randomBytes } from 'node:crypto';
import type { SubscriptionKeys } from './subscription-keys.ts';

const SALT_BYTES = 16;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const SALTS_AT_ONCE = 256;
/**
 * Between salt and sender's point (RFC 8188, section 2.1): a record of 4,096 bytes, the largest body that a push service
 * must take (RFC 8030, section 7.2), so one record holds all; then the 65 bytes of the point.
 */
const RECORD_SIZE_AND_KEY_LENGTH = Buffer.from([0, 0, 0x10, 0, 65]);
/** After the last byte of the last record (RFC 8188, section 2). */
const LAST_RECORD = Buffer.from([2]);
/** HKDF's counter: every output here fits one block (RFC 5869, section 2.3). */
const FIRST_BLOCK = Buffer.from([1]);
const KEY_INFO = Buffer.from('WebPush: info\0');
const CONTENT_KEY_INFO = Buffer.from('Content-Encoding: aes128gcm\0\x01');
const NONCE_INFO = Buffer.from('Content-Encoding: nonce\0\x01');

/** The bytes of an `aes128gcm` body. @throws {Error} ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY: the point is not on the curve. */
export type PayloadEncryptor = (keys: SubscriptionKeys, plaintext: Buffer) => Buffer;

/** What is new for every message. */
export interface MessageSecrets {
  sender: ECDH;
  /** Of `sender`: asking OpenSSL for it again is dear. */
  senderPoint: Buffer;
  salt: Buffer;
}

/** OpenSSL's object for the curve, dear to make, serves again with new keys; randomness is drawn for many salts at once. */
export function createPayloadEncryptor(): PayloadEncryptor {
  const sender = createECDH('prime256v1');
  let salts = Buffer.alloc(0);
  return (keys, plaintext) => {
    if (salts.length === 0) salts = randomBytes(SALT_BYTES * SALTS_AT_ONCE);
    const salt = salts.subarray(0, SALT_BYTES);
    salts = salts.subarray(SALT_BYTES);
    return encryptPayload(keys, plaintext, { sender, senderPoint: sender.generateKeys(), salt });
  };
}

/** RFC 8291, section 3.4. */
export function encryptPayload(keys: SubscriptionKeys, plaintext: Buffer, secrets: MessageSecrets): Buffer {
  const { sender, senderPoint, salt } = secrets;
  const contentKeys = deriveContentKeys(keys, sender.computeSecret(keys.point), secrets);
  return Buffer.concat([salt, RECORD_SIZE_AND_KEY_LENGTH, senderPoint, ...sealRecord(contentKeys, plaintext)]);
}

interface ContentKeys {
  key: Buffer;
  nonce: Buffer;
}

/** RFC 8291, section 3.3, and RFC 8188, sections 2.2 and 2.3. */
export function deriveContentKeys(
  { point, auth }: SubscriptionKeys,
  sharedSecret: Buffer,
  { senderPoint, salt }: Pick<MessageSecrets, 'senderPoint' | 'salt'>,
): ContentKeys {
  const agreedKey = hmac(auth, sharedSecret);
  const inputKey = createHmac('sha256', agreedKey)
    .update(KEY_INFO)
    .update(point)
    .update(senderPoint)
    .update(FIRST_BLOCK)
    .digest();
  const pseudoRandomKey = hmac(salt, inputKey);
  return {
    key: hmac(pseudoRandomKey, CONTENT_KEY_INFO).subarray(0, KEY_BYTES),
    nonce: hmac(pseudoRandomKey, NONCE_INFO).subarray(0, NONCE_BYTES),
  };
}

/** The one record, in pieces. */
export function sealRecord({ key, nonce }: ContentKeys, plaintext: Buffer): Buffer[] {
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  return [cipher.update(plaintext), cipher.update(LAST_RECORD), cipher.final(), cipher.getAuthTag()];
}

function hmac(key: Buffer, data: Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
