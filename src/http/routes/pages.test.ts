import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startTestApi } from '#test/support/api.ts';

const WEB = new URL('../../../web/', import.meta.url);
const TOKEN = 'A'.repeat(48);

test('the pages come with a strict policy, and ask each time whether they are up to date', async (t) => {
  const { port } = await startTestApi(t);
  for (const path of [
    `/subscribe?token=${TOKEN}`,
    '/booking',
    '/push-worker.js',
    '/manifest.webmanifest',
    '/web/page.css',
  ]) {
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.equal(status, 200, path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.deepEqual(
      ['cache-control', 'referrer-policy', 'x-content-type-options'].map((name) => headers.get(name)),
      ['no-cache', 'no-referrer', 'nosniff'],
    );
  }
});

test('every file of the pages is served as it is, under a relative address', async (t) => {
  const { port } = await startTestApi(t);
  const files = await readdir(WEB);
  for (const page of ['subscribe.html', 'booking.html']) {
    const html = await readFile(new URL(page, WEB), 'utf8');
    assert.doesNotMatch(html, /(?:href|src)="\/|style=|<script>|onclick/);
  }
  for (const file of files.filter((name) => !/\.html$|worker|manifest/.test(name))) {
    const reply = await fetch(`http://127.0.0.1:${port}/web/${file}`);
    assert.equal(reply.status, 200, file);
    assert.deepEqual(Buffer.from(await reply.arrayBuffer()), await readFile(new URL(file, WEB)));
  }
  const icon = await fetch(`http://127.0.0.1:${port}/web/icon-192.png`, { method: 'HEAD' });
  assert.deepEqual(
    [icon.headers.get('content-type'), Number(icon.headers.get('content-length')) > 1000],
    ['image/png', true],
  );
});

test('nothing else of the file system is served', async (t) => {
  const { port } = await startTestApi(t);
  for (const path of [
    '/web/',
    '/web/..%2fpackage.json',
    '/web/%2e%2e/package.json',
    '/web/x.js',
    '/web/subscribe.html',
    '/web',
  ])
    assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path);
});

test('the manifest starts with the token of the page on a home screen, and takes nothing else for one', async (t) => {
  const { port } = await startTestApi(t);
  const manifest = async (query: string) => await fetch(`http://127.0.0.1:${port}/manifest.webmanifest${query}`);
  const plain = await manifest('');
  assert.equal(plain.headers.get('content-type'), 'application/manifest+json');
  const start = async (reply: Response) => ((await reply.json()) as { start_url: string }).start_url;
  assert.equal(await start(plain), './subscribe');
  assert.equal(await start(await manifest(`?token=${TOKEN}`)), `./subscribe?token=${TOKEN}`);
  for (const bad of ['?token=%22%2Cx', '?token=', `?token=${'A'.repeat(65)}`, '?x=1'])
    assert.equal((await manifest(bad)).status, 400);
});
