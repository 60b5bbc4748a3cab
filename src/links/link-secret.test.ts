import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

test('a secret that is given takes the place of the file, which is not even made', async (t) => {
  const folder = await newFolder(t);
  const given = 'a secret of thirty-two characters'.replaceAll(' ', '-');
  assert.equal((await loadLinkSecret(folder, given)).toString(), given);
  assert.deepEqual(await readdir(folder), []);
});

test('the text of the file, given to another machine, is the same secret there', async (t) => {
  const [here, there] = [await newFolder(t), await newFolder(t)];
  const kept = await loadLinkSecret(here);
  const text = (await readFile(join(here, 'link-secret'), 'utf8')).trim();
  assert.deepEqual(await loadLinkSecret(there, text), kept);
});
