import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestApi } from '#test/support/api.ts';

const ETAG = /^"[\w-]{43}"$/;

test('/openapi.json asks for no key, and is not sent again to whom has it', async (t) => {
  const { port } = await startTestApi(t);
  const get = (headers = {}) => fetch(`http://127.0.0.1:${port}/openapi.json`, { headers });
  const first = await get();
  const etag = first.headers.get('etag') ?? '';
  assert.deepEqual([first.status, first.headers.get('content-type')], [200, 'application/json']);
  assert.match(etag, ETAG);
  assert.equal((await get()).headers.get('etag'), etag);
  for (const named of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await get({ 'if-none-match': named });
    assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', etag], named);
  }
  assert.equal((await get({ 'if-none-match': '"other"' })).status, 200);
});

test('/docs comes with all that it shows, under a strict policy', async (t) => {
  const { port } = await startTestApi(t);
  const get = (path: string) => fetch(new URL(path, `http://127.0.0.1:${port}/docs`));
  const page = await (await get('docs')).text();
  assert.doesNotMatch(page, /(?:href|src)="(\/|https?:)|style=|<script>|onclick/);
  const addresses = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address ?? '');
  assert.ok(addresses.includes('docs/swagger-ui-bundle.js') && addresses.includes('web/docs.js'));
  for (const address of addresses) assert.equal((await get(address)).status, 200, address);
  for (const path of ['docs', 'docs/swagger-ui.css', 'docs/swagger-ui-bundle.js']) {
    const { headers } = await get(path);
    assert.match(
      headers.get('content-security-policy') ?? '',
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https:|\*/);
    assert.match(headers.get('etag') ?? '', ETAG);
    assert.deepEqual([headers.get('x-content-type-options'), headers.get('cache-control')], ['nosniff', 'no-cache']);
  }
});
