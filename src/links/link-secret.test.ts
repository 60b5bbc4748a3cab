import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadLinkSecret } from './link-secret.ts';

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'link-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('several processes that start at once get the same secret, kept for the owner alone', async (t) => {
  const dataDir = join(await newFolder(t), '.data');
  const secrets = await Promise.all(Array.from({ length: 20 }, () => loadLinkSecret(dataDir)));
  assert.equal(new Set(secrets.map((secret) => secret.toString('hex'))).size, 1);
  assert.equal(secrets[0]?.length, 32);
  assert.deepEqual(await readdir(dataDir), ['link-secret']);
  assert.equal((await stat(join(dataDir, 'link-secret'))).mode & 0o777, 0o600);
});

test('a damaged secret stops the start instead of being replaced', async (t) => {
  const folder = await newFolder(t);
  for (const text of ['', '\n', 'short', 'ж'.repeat(43)]) {
    await writeFile(join(folder, 'link-secret'), text);
    await assert.rejects(loadLinkSecret(folder), { code: 'bad_link_secret' });
  }
});
