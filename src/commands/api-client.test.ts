import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { startDouble } from '#test/support/http-double.ts';
import { readConfig } from '../config.ts';
import { type ApiOptions, openApi } from './api-client.ts';

const ENV = { ADMIN_API_KEY: 'test-admin-key' };

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-command-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function look(options: ApiOptions, env: Record<string, string> = ENV, dataDir = '/nowhere'): Promise<unknown> {
  return await (await openApi(readConfig(env, dataDir), options)).call('GET', '/v1/broadcasts');
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the client of the API', () => {
  test('finds the service by --url, else by HOST and PORT', async (t) => {
    const { url, port, requests } = await startDouble(t, () => ({ status: 200, body: [] }));
    assert.deepEqual(await look({ url }), []);
    assert.deepEqual(await look({ url: `${url}/vestnik/` }), []);
    assert.deepEqual(await look({}, { ...ENV, PORT: port, HOST: '0.0.0.0' }), []);
    assert.deepEqual(
      requests.map((request) => request.url),
      ['/v1/broadcasts', '/vestnik/v1/broadcasts', '/v1/broadcasts'],
    );
    await assert.rejects(look({}, { ...ENV, PORT: '0' }), { message: 'PORT is 0: say with --url where Vestnik is' });
    await assert.rejects(look({ url: 'file:///etc' }), /^Error: --url must be a URL/);
  });

  test('takes the key of --key-file, else ADMIN_API_KEY, else what the sandbox keeps in its folder', async (t) => {
    const folder = await makeFolder(t);
    const { url, requests } = await startDouble(t, () => ({ status: 200, body: [] }));
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, 'key-of-file');
    await writeFile(join(folder, 'sandbox-api-key'), 'sandbox-key\n');
    await look({ url, keyFile }, ENV, folder);
    await look({ url }, ENV, folder);
    await look({ url }, {}, folder);
    assert.deepEqual(
      requests.map(({ authorization }) => authorization),
      ['Bearer key-of-file', 'Bearer test-admin-key', 'Bearer sandbox-key'],
    );
    await writeFile(keyFile, 'no key\r\nat all');
    await assert.rejects(look({ url, keyFile }), /^Error: \S+key holds no key: one word of ASCII characters$/);
    await assert.rejects(look({ url, keyFile: '/gone' }), /the key cannot be read from \/gone: ENOENT$/);
    await assert.rejects(look({ url }, {}), /no key: set ADMIN_API_KEY, or .+ --key-file$/);
  });

  test('says in one line why the service does not answer, and whether it may later', async (t) => {
    const folder = await makeFolder(t);
    let answer: { status: number; body: unknown } = { status: 200, body: undefined };
    const { url, port } = await startDouble(t, () => answer);
    const refused = async (status: number, body: unknown, message: RegExp, mayPass: boolean) => {
      answer = { status, body };
      await assert.rejects(look({ url }), (error: Error & { mayPass: boolean }) => {
        assert.match(error.message, message);
        assert.deepEqual([error.mayPass, error.message.includes('\n')], [mayPass, false]);
        return true;
      });
    };
    const place = `Vestnik at 127.0.0.1:${port}`;
    const problem = (detail: string, errors?: object[]) => ({ detail, errors });
    await refused(
      401,
      problem('the API key is not known'),
      new RegExp(`^${place}: the API key .+; check ADMIN_API_KEY`),
      false,
    );
    await refused(422, problem('a is b', [{ field: 'a', detail: 'is b' }]), /^a is b$/, false);
    await refused(409, problem('busy', [{ field: 'x', detail: 'overlaps' }]), /^busy; x overlaps$/, false);
    await refused(404, problem('gone\n\u001B[2J'), /^gone \[2J$/, false);
    await refused(503, problem('the server is starting'), /^the server is starting$/, true);
    await refused(302, 'elsewhere', new RegExp(`^${place} does not answer as Vestnik does \\(status 302\\): `), false);
    await refused(200, undefined, /does not answer as Vestnik does \(status 200\)/, false);
    const away = { url: `http://127.0.0.1:${await freePort()}` };
    await assert.rejects(
      look(away, ENV, folder),
      /does not answer \(ECONNREFUSED\): start it, or say with --url where/,
    );
  });

  test('gives a request up when it is told to', async (t) => {
    const { url } = await startDouble(t, () => new Promise<never>(() => undefined));
    const api = await openApi(readConfig(ENV), { url });
    const ending = new AbortController();
    const asked = api.call('GET', '/v1/broadcasts', { signal: ending.signal });
    setTimeout(() => ending.abort(), 30);
    await assert.rejects(asked, { name: 'AbortError' });
  });
});
