import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import { createVapidAuthorization } from './vapid-authorization.ts';
import { generateVapidKeys } from './vapid-keys.ts';

const HOUR_MS = 3_600_000;
const FCM = 'https://fcm.googleapis.com';
const START = Date.UTC(2026, 0, 28, 14);

function setUp() {
  const keys = { ...generateVapidKeys(), subject: 'mailto:admin@salon.example' };
  let now = START;
  const authorization = createVapidAuthorization({ keys, clock: () => new Date(now) });
  return { keys, authorization, moveClock: (ms: number) => (now += ms) };
}

function read(header: string) {
  const [, head = '', claims = '', signature = '', key = ''] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? [];
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { head: json(head), claims: json(claims), unsigned: `${head}.${claims}`, signature, key };
}

test('the token is for the origin, for twelve hours, and signed with the key beside it', () => {
  const { keys, authorization } = setUp();
  const { head, claims, unsigned, signature, key } = read(authorization.headerFor(FCM));
  assert.deepEqual(head, { typ: 'JWT', alg: 'ES256' });
  assert.deepEqual(claims, { aud: FCM, exp: START / 1000 + 12 * 3600, sub: 'mailto:admin@salon.example' });
  assert.equal(key, keys.publicKey);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const by = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  assert.equal(verify('sha256', Buffer.from(unsigned), by, Buffer.from(signature, 'base64url')), true);
});

test('each origin has one token, until it is half used up', () => {
  const { authorization, moveClock } = setUp();
  const first = authorization.headerFor(FCM);
  assert.equal(authorization.headerFor(FCM), first);
  assert.notEqual(authorization.headerFor('https://web.push.apple.com'), first);
  moveClock(6 * HOUR_MS - 1000);
  assert.equal(authorization.headerFor(FCM), first);
  moveClock(1000);
  const second = authorization.headerFor(FCM);
  assert.notEqual(second, first);
  assert.equal(read(second).claims.exp, START / 1000 + 18 * 3600);
});

test('a clock that went back does not leave a token that lives too long', () => {
  const { authorization, moveClock } = setUp();
  authorization.headerFor(FCM);
  moveClock(-13 * HOUR_MS);
  assert.equal(read(authorization.headerFor(FCM)).claims.exp, START / 1000 - 3600);
});

describe('a refused token', () => {
  test('is replaced once, however many requests were refused with it', () => {
    const { authorization } = setUp();
    const refused = authorization.headerFor(FCM);
    const next = authorization.replace(FCM, refused);
    assert.notEqual(next, refused);
    assert.equal(authorization.replace(FCM, refused), next);
    assert.equal(authorization.headerFor(FCM), next);
  });
});

test('origins without number do not fill the memory, and the token in use stays valid', () => {
  const { authorization } = setUp();
  for (let i = 0; i < 300; i += 1) authorization.headerFor(`https://h${i}.notify.windows.com`);
  const last = authorization.headerFor('https://h299.notify.windows.com');
  assert.equal(authorization.headerFor('https://h299.notify.windows.com'), last);
  assert.equal(
    read(authorization.headerFor('https://h0.notify.windows.com')).claims.aud,
    'https://h0.notify.windows.com',
  );
});
