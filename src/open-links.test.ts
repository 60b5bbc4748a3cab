import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { programArguments } from '#test/support/node-program.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { generateVapidKeys } from './channels/web-push/vapid-keys.ts';
import { readConfig } from './config.ts';
import { openLinks } from './open-links.ts';

const LINK_SECRET = 'k9-Vd0-fT2-wQ7-mB4-xZ1-rL8-hN5-jC3-gP6-yS0';
const USER = { id: 7, company_id: 3 };

async function newMachine(t: TestContext, env: NodeJS.ProcessEnv = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'open-links-'));
  t.after(() => rm(dataDir, { recursive: true }));
  return await openLinks({
    config: readConfig(env, dataDir),
    port: 3000,
    botUsername: () => null,
    clock: () => new Date(),
  });
}

test('machines with the same LINK_SECRET believe each other’s links, and others do not', async (t) => {
  const [api, worker, stranger] = await Promise.all([
    newMachine(t, { LINK_SECRET }),
    newMachine(t, { LINK_SECRET }),
    newMachine(t),
  ]);
  const token = new URL(worker.links.invitation(USER).subscribe_url).hash.slice(1);
  const claims = api.linkSigner.verify(token, ['subscribe'], new Date());
  assert.deepEqual(claims, { purpose: 'subscribe', company_id: 3, user_id: 7, booking_id: null, event_type: null });
  assert.equal(stranger.linkSigner.verify(token, ['subscribe'], new Date()), 'bad_signature');
});

/** All that a start says, until it ends by itself or has come so far as to say it runs. */
async function outputOfStart(t: TestContext, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, programArguments('#src/main.ts'), {
    env: {
      ...{ PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'trace', TELEGRAM_API_ROOT: 'http://127.0.0.1:9' },
      ...{ TELEGRAM_BOT_TOKEN: '1:x', ADMIN_API_KEY: 'test-admin-key' },
      ...env,
    },
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk);
      if (output.includes('Vestnik is running')) child.kill('SIGTERM');
    });
  await once(child, 'close');
  return output;
}

test('a bad LINK_SECRET stops the start in one line that does not show it', async (t) => {
  const output = await outputOfStart(t, { LINK_SECRET: 'too-short' });
  assert.equal(output, 'vestnik: LINK_SECRET must have at least 32 characters and no white space\n');
});

test('no line of the log shows the secret', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'open-links-'));
  t.after(() => rm(folder, { recursive: true }));
  const { url } = await startTestRedis(t);
  const DATABASE_URL = `sqlite:${join(folder, 'vestnik.sqlite')}`;
  // Set, so that the start makes none in the folder of the sources.
  const vapid = generateVapidKeys();
  const keys = { VAPID_PUBLIC_KEY: vapid.publicKey, VAPID_PRIVATE_KEY: vapid.privateKey };
  const output = await outputOfStart(t, { LINK_SECRET, REDIS_URL: url, DATABASE_URL, ...keys });
  assert.match(output, /Vestnik is running/);
  assert.equal(output.includes(LINK_SECRET), false);
});
