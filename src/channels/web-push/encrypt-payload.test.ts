import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import ece from 'http_ece';
import { createPayloadEncryptor, encryptPayload } from './encrypt-payload.ts';

const bytes = (text: string) => Buffer.from(text, 'base64url');

function browser() {
  const privateKey = createECDH('prime256v1');
  const keys = { point: privateKey.generateKeys(), auth: randomBytes(16) };
  return {
    keys,
    decrypt: (body: Buffer) => ece.decrypt(body, { version: 'aes128gcm', privateKey, authSecret: keys.auth }),
  };
}

test('gives the bytes of RFC 8291, section 5', () => {
  const sender = createECDH('prime256v1');
  sender.setPrivateKey(bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'));
  const keys = {
    point: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  };
  const salt = bytes('DGv6ra1nlYgDCS1FRnbzlw');
  const plaintext = Buffer.from('When I grow up, I want to be a watermelon');
  assert.equal(
    encryptPayload(keys, plaintext, { sender, senderPoint: sender.getPublicKey(), salt }).toString('base64url'),
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_' +
      'yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
});

test('an independent implementation reads what was written, empty and largest included', () => {
  const encrypt = createPayloadEncryptor();
  for (const length of [0, 1, 400, 2700, 3993]) {
    const { keys, decrypt } = browser();
    const plaintext = randomBytes(length);
    const body = encrypt(keys, plaintext);
    assert.equal(body.length, 86 + length + 17);
    assert.deepEqual(decrypt(body), plaintext);
  }
});

test('only the subscription it was made for can read it', () => {
  const body = createPayloadEncryptor()(browser().keys, Buffer.from('secret'));
  assert.throws(() => browser().decrypt(body));
});

describe('messages', () => {
  test('share neither salt nor key, also beyond one draw of randomness', () => {
    const encrypt = createPayloadEncryptor();
    const { keys, decrypt } = browser();
    const bodies = Array.from({ length: 600 }, (_, index) => encrypt(keys, Buffer.from(`message ${index}`)));
    assert.equal(new Set(bodies.map((body) => body.toString('hex', 0, 16))).size, 600);
    assert.equal(new Set(bodies.map((body) => body.toString('hex', 21, 86))).size, 600);
    for (const index of [0, 255, 256, 599])
      assert.equal(decrypt(bodies[index] ?? Buffer.alloc(0)).toString(), `message ${index}`);
  });
});

test('a point off the curve is not met with a key', () => {
  const { keys } = browser();
  const point = Buffer.from(keys.point);
  point.writeUInt8(point.readUInt8(64) ^ 1, 64);
  assert.throws(() => createPayloadEncryptor()({ ...keys, point }, Buffer.from('x')), {
    code: 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY',
  });
});
