import { ECDH } from 'node:crypto';

/** RFC 8291, section 3.1: an uncompressed P-256 point, which the byte 4 begins. */
const POINT = /^B[A-P][\w-]{85}$/;
/** RFC 8291, section 3.2: 16 bytes. */
const AUTH = /^[\w-]{22}$/;

/** What the browser gave to encrypt for it. */
export interface SubscriptionKeys {
  /** 65 bytes. */
  point: Buffer;
  /** 16 bytes. */
  auth: Buffer;
}

export type KeysRefusal = 'bad_p256dh' | 'bad_auth';

/** Form only: whether the point is on the curve shows at the key agreement, or to `isOnCurve`. */
export function parseSubscriptionKeys(given: { p256dh: string; auth: string }): SubscriptionKeys | KeysRefusal {
  if (!POINT.test(given.p256dh)) return 'bad_p256dh';
  if (!AUTH.test(given.auth)) return 'bad_auth';
  return { point: Buffer.from(given.p256dh, 'base64url'), auth: Buffer.from(given.auth, 'base64url') };
}

/** A point off the curve would let whoever chose it learn about the key it meets. */
export function isOnCurve(point: Buffer): boolean {
  try {
    ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'uncompressed');
    return true;
  } catch {
    // OpenSSL's only complaint about 65 bytes that start with 4.
    return false;
  }
}
