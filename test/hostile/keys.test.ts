import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { insertApiKey } from '#src/db/api-keys.ts';
import { SCOPES } from '#src/domain/scopes.ts';
import { digestOf, newApiKey, prefixOf } from '#src/keys/api-key.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN_KEY, startHostileApp } from './hostile-app.ts';
import { assertProblem } from './judge.ts';
import { rawRequest } from './raw-socket.ts';
import { jsonRequest, request } from './requests.ts';

const app = await startHostileApp();
const list = (authorization: string | null, target = '/v1/companies', more: string[] = []) =>
  rawRequest(
    app.port,
    request('GET', target, {
      key: null,
      lines: [...(authorization === null ? [] : [`Authorization: ${authorization}`]), ...more],
    }),
  );

const COMPANY_KEY = await makeCompanyKey();

async function makeCompanyKey(): Promise<string> {
  for (const name of ['ours', 'theirs'])
    assert.equal(
      (await rawRequest(app.port, jsonRequest('POST', '/v1/companies', { name, time_zone: 'UTC' })))?.status,
      201,
    );
  const key = newApiKey();
  const row = {
    company_id: 1,
    name: 'crm',
    prefix: prefixOf(key),
    hash: digestOf(key).toString('hex'),
    scopes: [...SCOPES],
  };
  await app.database.write((tx) => insertApiKey(tx, { ...row, created_at: new Date(), expires_at: null }));
  await eventually(async () => assert.equal((await list(`Bearer ${key}`))?.status, 200));
  return key;
}

/** Like the key but for something. */
const almost = (key: string): string[] => [
  ...[key.slice(0, -1), `${key}x`, key.slice(1), key.toUpperCase(), key.split('').reverse().join(''), `"${key}"`],
  ...[
    `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
    `${key},${key}`,
    `${key};`,
    `${key}%00`,
    encodeURIComponent(`${key}=`),
  ],
  ...[Buffer.from(key).toString('base64'), digestOf(key).toString('hex'), prefixOf(key)],
];

test('no key but the right one opens anything', async () => {
  const random = Array.from({ length: 50 }, (_, n) => randomBytes(n + 1).toString('base64url'));
  const shaped = Array.from({ length: 50 }, () => newApiKey());
  const words = [
    'null',
    'undefined',
    'true',
    '*',
    '%',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    'admin',
    '0',
    '[object',
    'x'.repeat(3_000),
  ];
  for (const key of [...random, ...shaped, ...words, ...almost(COMPANY_KEY), ...almost(ADMIN_KEY)])
    assertProblem(await list(`Bearer ${key}`), 401, 'unauthorized', key);
});

test('the right key opens nothing in another place or under another scheme', async () => {
  for (const key of [COMPANY_KEY, ADMIN_KEY]) {
    const basic = Buffer.from(`${key}:`).toString('base64');
    const schemes = [
      `Basic ${basic}`,
      `Basic ${key}`,
      `Token ${key}`,
      `Bearer: ${key}`,
      `Bearer=${key}`,
      key,
      `Bearer  ${key} ${key}`,
    ];
    for (const header of [...schemes, 'bearer', `Bearer${key}`])
      assertProblem(await list(header), 401, 'unauthorized', header);
    for (const query of [`key=${key}`, `access_token=${key}`, `api_key=${key}`, `authorization=Bearer%20${key}`])
      assertProblem(await list(null, `/v1/companies?${query}`), 401, 'unauthorized', query);
    const elsewhere = [
      `X-Api-Key: ${key}`,
      `Cookie: key=${key}`,
      `Proxy-Authorization: Bearer ${key}`,
      `Sec-WebSocket-Protocol: bearer.${key}`,
    ];
    for (const line of elsewhere) assertProblem(await list(null, '/v1/companies', [line]), 401, 'unauthorized', line);
  }
  assertProblem(
    await list('Bearer nothing', '/v1/companies', [`Authorization: Bearer ${ADMIN_KEY}`]),
    401,
    'unauthorized',
  );
});

test('a path, a method or a host that pretends gives a company no more than its own', async () => {
  const mine = `Bearer ${COMPANY_KEY}`;
  const paths = [
    '/v1/companies/2',
    '/v1/companies/02',
    '/v1/companies/2/',
    '//v1/companies/2',
    '/v1/./companies/2',
    '/v1/companies/1/../2',
    '/v1/companies/%32',
  ];
  for (const path of paths) assert.equal((await list(mine, path))?.status, 404, path);
  const lines = [
    'X-Original-URL: /v1/companies/2',
    'X-Company-Id: 2',
    'X-Forwarded-User: admin',
    'X-HTTP-Method-Override: DELETE',
  ];
  const own = await list(mine, '/v1/companies', lines);
  assert.deepEqual(
    JSON.parse(own?.text ?? '').items.map(({ id }: { id: number }) => id),
    [1],
  );
  for (const query of [
    'company_id=1&company_id=2',
    'company_id[]=2',
    'company_id=2%00',
    'company_id=1,2',
    'COMPANY_ID=2',
    'company_id=1%20OR%201=1',
  ])
    assertProblem(await list(mine, `/v1/users?${query}`), 400, 'malformed_request', query);
  const [both] = [await list(mine, '/v1/users?company_id=2')];
  assert.equal(both?.text, '{"items":[],"next_cursor":null}');
});

test('after all of it nothing went wrong inside', () => {
  assert.deepEqual(app.failures(), []);
});
