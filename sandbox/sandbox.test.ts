import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createSandbox, type RunningSandbox } from './sandbox.ts';

/** A folder with a Redis; its sandboxes end with the test. */
async function newFolder(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'vestnik-sandbox-'));
  const redis = await startTestRedis(t);
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const open = (env: Record<string, string> = {}) => {
    const DATABASE_URL = `sqlite:${join(dataDir, 'vestnik.sqlite')}`;
    const config = readConfig({ PORT: '0', DATABASE_URL, REDIS_URL: redis.url, ...env }, dataDir);
    const sandbox = createSandbox({ config, log: createLog('silent') });
    const stop = () => sandbox.stop(AbortSignal.timeout(5000));
    t.after(stop);
    return { start: sandbox.start, stop };
  };
  return { open };
}

async function call({ apiUrl, adminApiKey }: RunningSandbox, method: string, path: string, body?: object) {
  const response = await fetch(`${apiUrl}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${adminApiKey}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await response.text());
}

const bodyOf = ({ curl }: RunningSandbox): object => JSON.parse(/-d '(.+)'$/.exec(curl)?.[1] ?? '');

/** How many messages each of the phones shows. */
async function shown({ phonesUrl }: RunningSandbox): Promise<number[]> {
  const response = await fetch(`${phonesUrl}sandbox/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  const { chats } = JSON.parse(/^event: state\ndata: (.+)\n\n/.exec(text)?.[1] ?? '{}');
  return chats.map(({ messages }: { messages: unknown[] }) => messages.length);
}

const tell = (running: RunningSandbox, action: 'block' | 'unblock') =>
  fetch(`${running.phonesUrl}sandbox/chats/700001/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });

describe('the sandbox', () => {
  test('delivers after a restart what waited, on phones that are there in time', async (t) => {
    const { open } = await newFolder(t);
    const before = open();
    await before.start();
    await before.stop();
    // Nobody delivers here.
    const meanwhile = open({ ROLES: 'api' });
    const first = await meanwhile.start();
    for (let n = 0; n < 2; n += 1) await call(first, 'POST', 'bookings', bodyOf(first));
    await meanwhile.stop();
    const running = await open().start();
    await eventually(async () => assert.deepEqual(await shown(running), [2, 2, 2, 2]), 20_000);
    const { items } = await call(running, 'GET', 'users');
    for (const user of items) assert.equal(user.telegram_unreachable, null, user.name);
  });

  test('makes everyone reachable again with a new start', async (t) => {
    const { open } = await newFolder(t);
    const before = open();
    const first = await before.start();
    await tell(first, 'block');
    await call(first, 'POST', 'bookings', bodyOf(first));
    await eventually(async () =>
      assert.equal((await call(first, 'GET', 'users?telegram_unreachable=blocked')).items.length, 1),
    );
    await before.stop();
    const running = await open().start();
    assert.equal((await call(running, 'GET', 'users?telegram_unreachable=blocked')).items.length, 0);
    await call(running, 'POST', 'bookings', bodyOf(running));
    await eventually(async () => assert.deepEqual(await shown(running), [1, 1, 1, 1]));
  });

  test('shows the phones of the one that runs in its folder, and leaves them to it', async (t) => {
    const { open } = await newFolder(t);
    const first = await open().start();
    const other = open();
    const second = await other.start();
    assert.deepEqual([first.sharesPhones, second.sharesPhones], [false, true]);
    assert.equal(second.phonesUrl, first.phonesUrl);
    await call(second, 'POST', 'bookings', bodyOf(second));
    await eventually(async () => assert.deepEqual(await shown(first), [1, 1, 1, 1]));
    await other.stop();
    assert.deepEqual(await shown(first), [1, 1, 1, 1]);
  });

  test('has phones of its own when those it knows of are gone, or are another folder’s', async (t) => {
    const here = await newFolder(t);
    const before = here.open();
    const { phonesUrl } = await before.start();
    await before.stop();
    // Another folder's sandbox takes the port.
    const port = String(Number(new URL(phonesUrl).port) - 1);
    const elsewhere = await (await newFolder(t)).open({ PORT: port }).start();
    assert.equal(elsewhere.phonesUrl, phonesUrl);
    const running = await here.open().start();
    assert.equal(running.sharesPhones, false);
    assert.notEqual(running.phonesUrl, phonesUrl);
  });

  test('prints addresses that this machine reaches, wherever it listens', async (t) => {
    const { apiUrl, phonesUrl, curl } = await (await newFolder(t)).open({ HOST: '0.0.0.0' }).start();
    for (const text of [apiUrl, phonesUrl, curl]) assert.match(text, /http:\/\/127\.0\.0\.1:\d+/);
  });

  test('refuses to run without the API, and leaves nothing behind', async (t) => {
    const { open } = await newFolder(t);
    await assert.rejects(open({ ROLES: 'worker' }).start(), { message: /^ROLES must hold api here: / });
    await assert.rejects(open({ REDIS_URL: 'unix:/nowhere/redis.sock', DATABASE_URL: 'sqlite:/dev/null/x' }).start(), {
      message: /^DATABASE_URL/,
    });
    assert.equal((await open().start()).sharesPhones, false);
  });
});
