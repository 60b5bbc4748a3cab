import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keepCertificates, readCertificates } from './kept-certificates.ts';

const DAY_MS = 24 * 3_600_000;

async function newFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'push-certificates-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'certificates.json');
}

test('certificates are made once, and read by nobody else', async (t) => {
  const file = await newFile(t);
  assert.equal(await readCertificates(file), null);
  const made = await keepCertificates(file, 'localhost');
  assert.deepEqual(await keepCertificates(file, 'localhost'), made);
  assert.deepEqual(await readCertificates(file), made);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('those that are about to expire, or no certificates, are replaced', async (t) => {
  const file = await newFile(t);
  const made = await keepCertificates(file, 'localhost');
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * DAY_MS });
  const renewed = await keepCertificates(file, 'localhost');
  assert.notEqual(renewed.cert, made.cert);
  for (const text of ['', '{', '{}', '{"ca":"","cert":"","key":""}']) {
    await writeFile(file, text);
    assert.match((await keepCertificates(file, 'localhost')).cert, /^-----BEGIN CERTIFICATE-----/);
    assert.equal((await readFile(file, 'utf8')).includes('BEGIN CERTIFICATE'), true);
  }
});
