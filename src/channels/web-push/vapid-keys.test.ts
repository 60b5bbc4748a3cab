import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { vapidPairTrouble } from '../../push-settings.ts';
import { generateVapidKeys, loadVapidKeys, VapidKeysError } from './vapid-keys.ts';

let root: string;
let dataDir: string;
let count = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'vapid-keys-'));
});
beforeEach(() => {
  count += 1;
  dataDir = join(root, String(count), '.data');
});
after(async () => {
  await rm(root, { recursive: true });
});

test('the keys given are the keys, and no file is made', async () => {
  const pair = generateVapidKeys();
  const keys = await loadVapidKeys({ ...pair, email: 'admin@salon.example', dataDir });
  assert.deepEqual(keys, { ...pair, subject: 'mailto:admin@salon.example' });
  await assert.rejects(stat(dataDir), { code: 'ENOENT' });
});

test('without any, a pair is made once, kept for the owner alone, and found again', async () => {
  const made = await loadVapidKeys({ dataDir });
  assert.equal(vapidPairTrouble({ VAPID_PUBLIC_KEY: made.publicKey, VAPID_PRIVATE_KEY: made.privateKey }), null);
  assert.deepEqual(await loadVapidKeys({ dataDir }), made);
  assert.equal((await stat(join(dataDir, 'vapid-keys.json'))).mode & 0o777, 0o600);
});

test('several processes that start at once get the same pair, and leave one file', async () => {
  const loaded = await Promise.all(Array.from({ length: 20 }, () => loadVapidKeys({ dataDir })));
  assert.equal(new Set(loaded.map(({ publicKey }) => publicKey)).size, 1);
  assert.deepEqual(await readdir(dataDir), ['vapid-keys.json']);
});

for (const [name, text] of [
  ['a truncated', '{"public_key":"B'],
  ['an empty', ''],
  ['a strange', '{"a":1}'],
] as const)
  test(`${name} file stops the start instead of being replaced`, async () => {
    await loadVapidKeys({ dataDir });
    const path = join(dataDir, 'vapid-keys.json');
    await writeFile(path, text);
    await assert.rejects(loadVapidKeys({ dataDir }), VapidKeysError);
    assert.equal(await readFile(path, 'utf8'), text);
  });

test('a public key that is not that of the private key stops the start', async () => {
  const [a, b] = [generateVapidKeys(), generateVapidKeys()];
  await loadVapidKeys({ dataDir });
  const text = JSON.stringify({ public_key: a.publicKey, private_key: b.privateKey });
  await writeFile(join(dataDir, 'vapid-keys.json'), text);
  await assert.rejects(loadVapidKeys({ dataDir }), { code: 'bad_vapid_keys' });
});

test('a generated private key always has 32 bytes', () => {
  for (let i = 0; i < 600; i += 1) {
    const { publicKey, privateKey } = generateVapidKeys();
    assert.equal(Buffer.from(privateKey, 'base64url').length, 32);
    if (i % 100 !== 0) continue;
    const pair = createECDH('prime256v1');
    pair.setPrivateKey(privateKey, 'base64url');
    assert.equal(pair.getPublicKey('base64url'), publicKey);
  }
});

describe('the subject', () => {
  const subjectOf = async (given: { email?: string; publicUrl?: string }) => {
    const { subject } = await loadVapidKeys({ ...generateVapidKeys(), ...given, dataDir });
    return subject;
  };

  test('is the e-mail address, with or without its scheme', async () => {
    assert.equal(await subjectOf({ email: 'mailto:a@b.example' }), 'mailto:a@b.example');
    assert.equal(await subjectOf({ email: 'a@b.example', publicUrl: 'https://c.example' }), 'mailto:a@b.example');
  });
  test('is the public address where that is all there is', async () => {
    assert.equal(await subjectOf({ publicUrl: 'https://salon.example/app' }), 'https://salon.example');
  });
  test('never is on localhost, which Apple refuses', async () => {
    for (const publicUrl of ['http://salon.example', 'https://localhost:3000', 'https://127.0.0.1', 'https://[::1]'])
      assert.equal(await subjectOf({ publicUrl }), 'mailto:vestnik@example.com');
  });
});
