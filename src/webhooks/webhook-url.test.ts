import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolve } from '../channels/web-push/guarded-lookup.ts';
import { refusedWebhookUrl, webhookTarget } from './webhook-url.ts';

const PUBLIC: Resolve = async () => [{ address: '8.8.8.8', family: 4 }];
const refused = (url: string, allowed: string[] = [], resolve = PUBLIC) => refusedWebhookUrl(url, allowed, resolve);

const REFUSED: [url: string, why: string][] = [
  ['http://crm.example/', 'not_https'],
  ['ftp://crm.example/', 'malformed'],
  ['https://user:secret@crm.example/', 'has_credentials'],
  ['https://@crm.example/', 'has_credentials'],
  ['https://crm.example/#part', 'malformed'],
  ['https://crm.example/a b', 'malformed'],
  ['https:\\\\crm.example\\', 'malformed'],
  ['https://', 'malformed'],
  [`https://crm.example/${'a'.repeat(2048)}`, 'too_long'],
  ['https://127.0.0.1/', 'private_address'],
  ['https://2130706433/', 'private_address'],
  ['https://0x7f.1/', 'private_address'],
  ['https://10.1.2.3/', 'private_address'],
  ['https://169.254.169.254/latest', 'private_address'],
  ['https://[::1]/', 'private_address'],
  ['https://[::ffff:10.0.0.1]/', 'private_address'],
  ['https://[fd00::1]/', 'private_address'],
  ['https://localhost/', 'private_address'],
  ['https://a.LOCALHOST./', 'private_address'],
];

for (const [url, why] of REFUSED)
  test(`${url.slice(0, 40)} is refused: ${why}`, async () => {
    assert.equal(await refused(url), why);
  });

test('a public https address is taken, whatever its port, path and query', async () => {
  for (const url of [
    'https://crm.example',
    'https://crm.example:8443/a?b=c',
    'https://8.8.8.8/',
    'https://[2606:4700::1]/',
  ])
    assert.equal(await refused(url), null, url);
});

test('a name that leads inside is refused, one that does not resolve now is not', async () => {
  const inside: Resolve = async () => [{ address: '192.168.0.1', family: 4 }];
  assert.equal(await refused('https://crm.example/', [], inside), 'private_address');
  const away: Resolve = async () => {
    throw Object.assign(new Error('away'), { code: 'EAI_AGAIN' });
  };
  assert.equal(await refused('https://crm.example/', [], away), null);
});

test('a host that the operator names may be private and without TLS, on its port alone', async () => {
  const allowed = ['127.0.0.1:8080', 'crm.internal'];
  assert.equal(await refused('http://127.0.0.1:8080/hook', allowed), null);
  assert.equal(await refused('https://crm.internal/hook', allowed), null);
  assert.equal(await refused('http://127.0.0.1:8081/hook', allowed), 'not_https');
  assert.equal(await refused('http://crm.internal/hook', allowed), 'not_https');
  assert.equal(await refused('https://127.0.0.1:8081/hook', allowed), 'private_address');
  assert.deepEqual(webhookTarget('http://127.0.0.1:8080/a?b', allowed), {
    ...{
      origin: 'http://127.0.0.1:8080',
      host: '127.0.0.1:8080',
      hostname: '127.0.0.1',
      path: '/a?b',
      mayBePrivate: true,
    },
  });
});
