import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { makeCertificates } from './push/certificates.ts';
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
  return { open, dataDir };
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

/** The printed line, for the client without Telegram. */
const pushBodyOf = (running: RunningSandbox): object => ({ ...bodyOf(running), client_id: running.pushClient.id });

/** What the page with the phones shows when it is opened. */
async function stateOf({ phonesUrl }: RunningSandbox) {
  const response = await fetch(`${phonesUrl}sandbox/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '';
  await reader?.cancel();
  return JSON.parse(/^event: state\ndata: (.+)\n\n/.exec(text)?.[1] ?? '{}');
}

/** How many messages each of the phones with Telegram shows. */
async function shown(running: RunningSandbox): Promise<number[]> {
  const { chats } = await stateOf(running);
  return chats.map(({ messages }: { messages: unknown[] }) => messages.length);
}

/** The browser of the one without. */
const pushPhoneOf = async (running: RunningSandbox) => (await stateOf(running)).push_phones[0];

const notificationsOn = async (running: RunningSandbox): Promise<number> =>
  (await pushPhoneOf(running)).notifications.length;

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

  test('has a client who subscribed in a browser, and hears there', async (t) => {
    const { open } = await newFolder(t);
    const running = await open().start();
    assert.equal((await pushPhoneOf(running)).subscribed, true);
    const { id } = await call(running, 'POST', 'bookings', pushBodyOf(running));
    await eventually(async () => assert.equal(await notificationsOn(running), 1));
    const { notifications, last_status } = await pushPhoneOf(running);
    assert.equal(last_status, 201);
    assert.equal(notifications[0].title, '📅 У вас новая запись');
    assert.match(notifications[0].navigate, new RegExp(`^${running.apiUrl}/booking#[\\w-]{48}$`));
    await call(running, 'POST', `bookings/${id}/cancel`);
    await eventually(async () => {
      const titles = (await pushPhoneOf(running)).notifications.map(({ title }: { title: string }) => title);
      assert.deepEqual(titles, ['❌ Ваша запись отменена']);
    });
    await eventually(async () => assert.deepEqual(await shown(running), [0, 2, 2, 2]));
  });

  test('tells the browser after a restart what waited, and forgets its subscription of before', async (t) => {
    const { open } = await newFolder(t);
    const before = open();
    await before.start();
    await before.stop();
    const meanwhile = open({ ROLES: 'api' });
    const first = await meanwhile.start();
    await call(first, 'POST', 'bookings', pushBodyOf(first));
    await meanwhile.stop();
    const running = await open().start();
    await eventually(async () => assert.equal(await notificationsOn(running), 1), 20_000);
    const client = await call(running, 'GET', `users/${running.pushClient.id}`);
    assert.equal(client.web_push_unreachable, null);
  });

  test('that outlives the one with the phones writes to the browser again when that comes back', async (t) => {
    const { open } = await newFolder(t);
    const first = open();
    await first.start();
    const second = await open().start();
    await call(second, 'POST', 'bookings', pushBodyOf(second));
    await eventually(async () => assert.equal(await notificationsOn(second), 1));
    await first.stop();
    await call(second, 'POST', 'bookings', pushBodyOf(second));
    const back = await open({ ROLES: 'api' }).start();
    await eventually(async () => assert.equal(await notificationsOn(back), 1), 30_000);
  });

  test('trusts and allows what the environment names beside its own push service', async (t) => {
    const { open, dataDir } = await newFolder(t);
    const { ca } = await makeCertificates('push.example.com');
    const PUSH_CA_FILE = join(dataDir, 'own-ca.pem');
    await writeFile(PUSH_CA_FILE, ca);
    const running = await open({ PUSH_CA_FILE, PUSH_ALLOWED_HOSTS: 'push.example.com' }).start();
    const trusted = await readFile(join(dataDir, 'sandbox-push-ca.pem'), 'utf8');
    assert.equal(trusted.match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.equal(trusted.includes(ca.trim()), true);
    await call(running, 'POST', 'bookings', pushBodyOf(running));
    await eventually(async () => assert.equal(await notificationsOn(running), 1));
  });

  test('has phones of its own when those it knows of are gone, or are another folder’s', async (t) => {
    const here = await newFolder(t);
    // Below those that the system hands out: nobody else takes it between the two.
    const PORT = String(20_000 + 2 * Math.floor(Math.random() * 5000));
    const before = here.open({ PORT });
    const { phonesUrl } = await before.start();
    await before.stop();
    const elsewhere = await (await newFolder(t)).open({ PORT }).start();
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
