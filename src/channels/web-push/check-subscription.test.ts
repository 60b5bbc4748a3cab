import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { describe, test } from 'node:test';
import { allowHosts } from './allowed-hosts.ts';
import { checkSubscription } from './check-subscription.ts';
import type { Resolve } from './guarded-lookup.ts';

const browserKeys = createECDH('prime256v1');
const point = browserKeys.generateKeys();
const given = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/abc',
  p256dh: point.toString('base64url'),
  auth: Buffer.alloc(16, 7).toString('base64url'),
};
const resolvesTo =
  (address: string): Resolve =>
  async () => [{ address, family: 4 }];
const check = (changes: Partial<typeof given>, resolve = resolvesTo('8.8.8.8')) =>
  checkSubscription({ ...given, ...changes }, allowHosts(['127.0.0.1:9000']), resolve);

test('a subscription of a browser is fine', async () => assert.equal(await check({}), null));

describe('p256dh', () => {
  const offCurve = Buffer.from(point);
  offCurve.writeUInt8(offCurve.readUInt8(64) ^ 1, 64);
  const beyondField = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 0xff)]);
  const compressed = browserKeys.getPublicKey(null, 'compressed');
  const hybrid = browserKeys.getPublicKey(null, 'hybrid');
  const otherCurve = createECDH('secp256k1').generateKeys();
  const BAD: [string, string][] = [
    ['a point off the curve', offCurve.toString('base64url')],
    ['a point of another curve', otherCurve.toString('base64url')],
    ['coordinates beyond the field', beyondField.toString('base64url')],
    ['all zeros after the 4', Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]).toString('base64url')],
    ['a compressed point', compressed.toString('base64url')],
    ['a hybrid point', hybrid.toString('base64url')],
    ['the point at infinity', Buffer.from([0]).toString('base64url')],
    ['64 bytes', point.subarray(0, 64).toString('base64url')],
    ['66 bytes', Buffer.concat([point, Buffer.from([0])]).toString('base64url')],
    ['base64 with padding', `${given.p256dh}=`],
    ['a line break', `${given.p256dh.slice(0, 86)}\n`],
    ['nothing', ''],
  ];
  for (const [name, p256dh] of BAD)
    test(`refuses ${name}`, async () => assert.equal(await check({ p256dh }), 'bad_p256dh'));
});

describe('auth', () => {
  for (const [name, auth] of [
    ['15 bytes', Buffer.alloc(15).toString('base64url')],
    ['17 bytes', Buffer.alloc(17).toString('base64url')],
    ['plain base64', Buffer.alloc(16, 0xff).toString('base64')],
    ['nothing', ''],
  ] as const)
    test(`refuses ${name}`, async () => assert.equal(await check({ auth }), 'bad_auth'));
});

describe('the address', () => {
  test('must be public now', async () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.64.0.1'])
      assert.equal(await check({}, resolvesTo(address)), 'private_address');
  });
  test('is not asked for where the operator named the host', async () => {
    const never: Resolve = () => assert.fail('asked');
    assert.equal(await check({ endpoint: 'https://127.0.0.1:9000/x' }, never), null);
  });
  test('may be unknown for now: sending checks it again', async () => {
    const away: Resolve = () => Promise.reject(Object.assign(new Error('away'), { code: 'EAI_AGAIN' }));
    assert.equal(await check({}, away), null);
  });
  test('is not even asked for when the endpoint is refused', async () => {
    const never: Resolve = () => assert.fail('asked');
    assert.equal(await check({ endpoint: 'https://evil.example/x' }, never), 'host_not_allowed');
  });
});
