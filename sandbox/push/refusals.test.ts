import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  type ApplicationServer,
  createApplicationServer,
  type Draft,
  type Reply,
} from './application-server.fixture.ts';
import { createPushService, type PushService, type RunningPushService } from './push-service.ts';
import type { VirtualBrowser, VirtualSubscription } from './virtual-browser.ts';

const DAY_SECONDS = 86_400;
const KEY_OFFSET = 21;

let service: PushService;
let push: RunningPushService;
let sender: ApplicationServer;
let browser: VirtualBrowser;
let subscription: VirtualSubscription;
let draft: Draft;

before(async () => {
  service = createPushService();
  push = await service.start();
  sender = createApplicationServer(push);
});
after(async () => {
  sender.close();
  await service.stop();
});
beforeEach(() => {
  browser = push.createVirtualBrowser();
  subscription = browser.subscribe(sender.publicKey);
  draft = sender.draft(subscription, 'hello');
});

/** The answer must be autopush's, and the browser must have seen nothing. */
function assertRefused(reply: Reply, status: number, errno: number | null, message: RegExp): void {
  assert.equal(reply.status, status, reply.body);
  const body = JSON.parse(reply.body);
  assert.deepEqual([body.code, body.errno], [status, errno]);
  assert.match(body.message, message);
  assert.deepEqual(browser.notifications(), []);
  assert.equal(push.requests().at(-1)?.outcome?.accepted, false);
}

const part = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

/** A signer of its own, whose every claim can be wrong, and a subscription bound to its key. */
function forger() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const key = point.toString('base64url');
  const valid = { aud: push.endpointOrigin, exp: nowSeconds() + 3_600, sub: 'mailto:admin@example.com' };
  const token = (claims: object = {}, header: object = { typ: 'JWT', alg: 'ES256' }): string => {
    const signed = `${part(header)}.${part({ ...valid, ...claims })}`;
    const signature = createSign('sha256').update(signed).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };
  return { key, token, endpoint: browser.subscribe(key).endpoint };
}

describe('what VAPID refuses', () => {
  const post = (endpoint: string, authorization: string | null): Promise<Reply> => {
    const { authorization: _own, ...headers } = draft.headers;
    return sender.post(endpoint, {
      ...draft,
      headers: authorization === null ? headers : { ...headers, authorization },
    });
  };

  test('but a sound token is accepted, again and again', async () => {
    const { key, token, endpoint } = forger();
    const authorization = `vapid t=${token()}, k=${key}`;
    assert.equal((await post(endpoint, authorization)).status, 201);
    assert.equal((await post(endpoint, authorization)).status, 201);
  });

  test('none at all', async () => {
    const reply = await post(subscription.endpoint, null);
    assertRefused(reply, 401, 109, /Missing VAPID/);
    assert.equal(reply.headers['www-authenticate'], 'vapid');
  });

  const headers: [string, (key: string, token: string) => string, RegExp][] = [
    ['another scheme', (_key, token) => `WebPush ${token}`, /Unknown auth scheme/],
    ['a scheme alone', () => 'vapid', /Unknown auth scheme/],
    ['no key', (_key, token) => `vapid t=${token}`, /Missing VAPID public key/],
    ['no token', (key) => `vapid k=${key}`, /Missing VAPID token/],
    ['two keys', (key, token) => `vapid t=${token}, k=${key}, k=${key}`, /Invalid VAPID parameters/],
    ['a key with padding', (key, token) => `vapid t=${token}, k=${key}=`, /Invalid VAPID/],
    ['a key off the curve', (key, token) => `vapid t=${token}, k=${offCurve(key)}`, /Invalid VAPID public key/],
    [
      'a token of two parts',
      (key, token) => `vapid t=${token.replace(/\.[^.]*$/, '')}, k=${key}`,
      /Invalid VAPID token/,
    ],
    ['a token that is no JSON', (key, token) => `vapid t=${token.replace(/^[^.]*/, 'AAAA')}, k=${key}`, /ES256/],
  ];
  for (const [what, authorization, message] of headers)
    test(what, async () => {
      const { key, token, endpoint } = forger();
      assertRefused(await post(endpoint, authorization(key, token())), 401, 109, message);
    });

  const claims: [string, object, RegExp][] = [
    ['another audience', { aud: 'https://updates.push.services.mozilla.com' }, /audience/],
    ['an audience with a path', { aud: 'https://localhost/' }, /audience/],
    ['an expired token', { exp: nowSeconds() - 1 }, /expiry/],
    ['a token for more than a day', { exp: nowSeconds() + DAY_SECONDS + 60 }, /too long/],
    ['an expiry in words', { exp: '2030-01-01' }, /exp/],
    ['no expiry', { exp: undefined }, /exp/],
    ['no subject', { sub: undefined }, /sub/],
    ['a subject without a scheme', { sub: 'admin@example.com' }, /sub/],
    ['a subject on localhost', { sub: 'mailto:admin@localhost' }, /sub/],
    ['a subject in angle brackets', { sub: 'mailto:<admin@example.com>' }, /sub/],
  ];
  for (const [what, wrong, message] of claims)
    test(what, async () => {
      const { key, token, endpoint } = forger();
      assertRefused(await post(endpoint, `vapid t=${token(wrong)}, k=${key}`), 401, 109, message);
    });

  test('a signature of another kind, or of other claims', async () => {
    const { key, token, endpoint } = forger();
    assertRefused(await post(endpoint, `vapid t=${token({}, { alg: 'HS256' })}, k=${key}`), 401, 109, /ES256/);
    const [header, , signature] = token().split('.');
    const others = token({ sub: 'mailto:other@example.com' }).split('.')[1];
    const mixed = `${header}.${others}.${signature}`;
    assertRefused(await post(endpoint, `vapid t=${mixed}, k=${key}`), 401, 109, /InvalidSignature/);
  });

  test('a DER signature', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { key, token, endpoint } = forger();
    const signature = createSign('sha256').update('x').sign(privateKey);
    const cut = token().replace(/[^.]*$/, signature.toString('base64url'));
    assertRefused(await post(endpoint, `vapid t=${cut}, k=${key}`), 401, 109, /Invalid VAPID token/);
  });

  test('the sound token of another application server', async () => {
    const { key, token } = forger();
    assertRefused(await post(subscription.endpoint, `vapid t=${token()}, k=${key}`), 403, 109, /mismatch/);
  });
});

const offCurve = (key: string): string => {
  const point = Buffer.from(key, 'base64url');
  point.writeUInt8((point[64] ?? 0) ^ 1, 64);
  return point.toString('base64url');
};

describe('what the headers refuse', () => {
  const cases: [string, Record<string, string | undefined>, number, number | null, RegExp][] = [
    ['no TTL', { ttl: undefined }, 400, 111, /TTL/],
    ['a TTL that is no number', { ttl: 'soon' }, 400, 111, /TTL/],
    ['a TTL in fractions', { ttl: '1.5' }, 400, 111, /TTL/],
    ['a negative TTL', { ttl: '-1' }, 400, 114, /TTL/],
    ['an unknown urgency', { urgency: 'urgent' }, 400, null, /Urgency/],
    ['a topic of 33 characters', { topic: 'x'.repeat(33) }, 400, 113, /Topic/],
    ['a topic in other characters', { topic: 'booking/7' }, 400, 113, /Topic/],
    ['an empty topic', { topic: '' }, 400, 113, /Topic/],
    ['a body without an encoding', { 'content-encoding': undefined }, 400, 110, /Missing Content-Encoding/],
    ['an older encoding', { 'content-encoding': 'aesgcm' }, 400, 110, /Unknown Content-Encoding/],
    ['the header of an older encoding', { 'crypto-key': 'dh=AAAA' }, 400, 110, /crypto-key/],
    ['another host', { host: 'localhost:1' }, 421, null, /Misdirected/],
  ];
  for (const [what, changes, status, errno, message] of cases)
    test(what, async () => {
      const changed = Object.entries({ ...draft.headers, ...changes });
      const headers = Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== undefined));
      assertRefused(await sender.post(subscription.endpoint, { ...draft, headers }), status, errno, message);
    });

  test('but a TTL beyond thirty days is cut, and a topic of 32 characters taken', async () => {
    const reply = await sender.send(subscription, 'x', { TTL: 365 * DAY_SECONDS, topic: 'x'.repeat(32) });
    assert.equal(reply.status, 201);
    assert.equal(reply.headers.ttl, String(30 * DAY_SECONDS));
  });
});

describe('what the body refuses', () => {
  const cases: [string, (body: Buffer) => Buffer, RegExp][] = [
    ['nothing after the header', (body) => body.subarray(0, 86), /shorter/],
    ['a few bytes', () => Buffer.from('hello'), /shorter/],
    ['a key id of another length', (body) => withByte(body, 20, 64), /keyid/],
    ['a compressed key', (body) => withByte(body, KEY_OFFSET, 2), /P-256/],
    ['a key off the curve', (body) => withByte(body, KEY_OFFSET + 64, (body[KEY_OFFSET + 64] ?? 0) ^ 1), /P-256/],
    ['a record size that needs two records', (body) => withRecordSize(body, body.length - 86), /record size/],
  ];
  for (const [what, change, message] of cases)
    test(what, async () => {
      const body = change(draft.body ?? Buffer.alloc(0));
      const headers = { ...draft.headers, 'content-length': String(body.length) };
      assertRefused(await sender.post(subscription.endpoint, { headers, body }), 400, 110, message);
    });

  test('4,097 bytes, but not 4,096', async () => {
    const overhead = draft.body ? draft.body.length - 'hello'.length : 0;
    const most = 'x'.repeat(4_096 - overhead);
    assertRefused(await sender.send(subscription, `${most}x`), 413, 104, /limited in size/);
    assert.equal((await sender.send(subscription, most)).status, 201);
  });

  test('megabytes, without reading them all', async () => {
    const body = Buffer.alloc(4 << 20);
    const headers = { ...draft.headers, 'content-length': String(body.length) };
    assertRefused(await sender.post(subscription.endpoint, { headers, body }), 413, 104, /limited in size/);
    assert.equal((push.requests().at(-1)?.bodyBytes ?? 0) < 200_000, true);
  });

  const withByte = (body: Buffer, offset: number, byte: number): Buffer => {
    const copy = Buffer.from(body);
    copy[offset] = byte;
    return copy;
  };
  const withRecordSize = (body: Buffer, size: number): Buffer => {
    const copy = Buffer.from(body);
    copy.writeUInt32BE(size, 16);
    return copy;
  };
});

describe('what the address refuses', () => {
  test('a token that was never given', async () => {
    assertRefused(await sender.post(`${push.endpointOrigin}/wpush/v2/unknown`, draft), 404, 102, /Invalid token/);
    assertRefused(await sender.post(`${push.endpointOrigin}/other`, draft), 404, 102, /Invalid token/);
  });

  test('a method other than POST', async () => {
    const reply = await sender.post(subscription.endpoint, draft, { method: 'PUT' });
    assertRefused(reply, 405, null, /Method Not Allowed/);
    assert.equal(reply.headers.allow, 'POST');
  });

  test('a subscription that has ended, but only to its own application server', async () => {
    subscription.unsubscribe();
    const { headers, ...reply } = await sender.post(subscription.endpoint, draft);
    assertRefused({ headers, ...reply }, 410, 106, /No such subscription/);
    assert.equal(headers['cache-control'], 'max-age=86400');
    const { authorization: _own, ...anonymous } = draft.headers;
    assertRefused(await sender.post(subscription.endpoint, { ...draft, headers: anonymous }), 401, 109, /Missing/);
  });
});
