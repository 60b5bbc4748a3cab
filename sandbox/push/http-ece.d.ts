/** http_ece 1.2 ships no types; these are of the parts in use. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  interface DecryptionKeys {
    version: 'aes128gcm';
    /** The receiver's; the sender's key comes in the message. */
    privateKey: ECDH;
    authSecret: Buffer;
  }

  const ece: {
    /** @throws when the message is not for these keys, or cut, or changed. */
    decrypt(body: Buffer, keys: DecryptionKeys): Buffer;
  };
  export default ece;
}
