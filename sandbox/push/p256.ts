import { ECDH } from 'node:crypto';

const CURVE = 'prime256v1';
/** SEC 1, section 2.3.3: 0x04, then two coordinates of 32 bytes. */
export const POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;

/** True for an uncompressed point that lies on the curve. */
export function isP256Point(point: Buffer): boolean {
  if (point.length !== POINT_BYTES || point[0] !== UNCOMPRESSED) return false;
  try {
    ECDH.convertKey(point, CURVE);
    return true;
  } catch {
    // OpenSSL's only way to say that the point is not on the curve.
    return false;
  }
}

/** The bytes of base64url without padding, or null when the text is anything else. */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
