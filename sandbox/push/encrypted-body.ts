import { isP256Point, POINT_BYTES } from './p256.ts';
import { badEncryption, tooLarge } from './push-refusal.ts';

/** RFC 8030, section 7.2: no service has to take more, so none does. */
const MAX_BODY_BYTES = 4_096;
const SALT_BYTES = 16;
const RECORD_SIZE_BYTES = 4;
const HEADER_BYTES = SALT_BYTES + RECORD_SIZE_BYTES + 1 + POINT_BYTES;
/** RFC 8188, section 2: the delimiter and the tag; a record without data still has them. */
const MIN_RECORD_BYTES = 1 + 16;

/**
 * Checks what a service can see of an encrypted body: its size and the header of aes128gcm (RFC 8188, section 2.1), with
 * the one record and the key that Web Push wants (RFC 8291, section 4).
 * @throws {PushRefusal} 413 or 400
 */
export function checkEncryptedBody(body: Buffer): void {
  if (body.length > MAX_BODY_BYTES) throw tooLarge();
  if (body.length < HEADER_BYTES + MIN_RECORD_BYTES) throw badEncryption('The body is shorter than an empty message');
  const recordSize = body.readUInt32BE(SALT_BYTES);
  const keyIdLength = body[SALT_BYTES + RECORD_SIZE_BYTES];
  if (keyIdLength !== POINT_BYTES) throw badEncryption(`The keyid must be ${POINT_BYTES} bytes long`);
  if (!isP256Point(body.subarray(HEADER_BYTES - POINT_BYTES, HEADER_BYTES)))
    throw badEncryption('The keyid must be an uncompressed point on P-256');
  if (recordSize <= body.length - HEADER_BYTES) throw badEncryption('The record size must exceed the one record');
}
