import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '#test/support/command-line.ts';
import { eventually } from '#test/support/eventually.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { createLog } from '../observability/log.ts';
import { createClient } from '../redis/connection.ts';
import { startPrivateRedis } from '../redis/private-server.ts';

const DEAD = 'events:p2p:dead';

describe('vestnik dead', async () => {
  const { redis, url } = await startTestRedis();
  const vestnik = (...args: string[]) => run(['dead', ...args], { REDIS_URL: url });
  async function die(count: number): Promise<string[]> {
    await redis.flushall();
    const pipeline = redis.pipeline();
    for (let n = 0; n < count; n += 1)
      pipeline.xadd(
        ...[DEAD, '*', 'event', JSON.stringify({ id: `e${n}`, type: 'booking_created', company_id: 1 + (n % 2) })],
        ...[
          'recipient',
          `user:${n}`,
          'attempts',
          '3',
          'last_error',
          'telegram_500: \u001B[31mno',
          'died_at',
          '2026-11-23',
        ],
      );
    return ((await pipeline.exec()) ?? []).map(([, id]) => `p2p:0:${id}`);
  }

  test('list shows the letters to people and to programs, a part at a time', async () => {
    const ids = await die(60);
    const [table, json, behind, none, wrong] = await Promise.all([
      vestnik('list'),
      vestnik('list', '--json', '--limit', '2', '--company', '2'),
      vestnik('list', '--after', ids[58] ?? ''),
      vestnik('list', '--stream', 'broadcast'),
      vestnik('list', '--limit', 'many'),
    ]);
    assert.equal(table.code, 0);
    assert.match(table.stdout, /^ID +DIED AT +COMPANY +EVENT +RECIPIENT +ATTEMPTS +LAST ERROR$/m);
    const first = `${ids[0]} +2026-11-23T00:00:00.000Z +1 +booking_created +user:0 +3 +telegram_500:  \\[31mno`;
    assert.match(table.stdout, new RegExp(`^${first}$`, 'm'));
    assert.match(table.stdout, new RegExp(`^There are more: --after ${ids[49]}$`, 'm'));
    const { items, next_after } = JSON.parse(json.stdout);
    assert.deepEqual([items.map(({ id }: { id: string }) => id), next_after], [[ids[1], ids[3]], ids[3]]);
    assert.equal(behind.stdout.split('\n').length, 3);
    assert.equal(none.stdout, 'There are no dead letters.\n');
    assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
  });

  test('replay and discard do as they are told once, and say what was not there', async () => {
    const [a = '', b = '', c = ''] = await die(3);
    const replayed = await vestnik('replay', a, 'p2p:0:1-0');
    assert.deepEqual([replayed.code, replayed.stdout], [1, '1 replayed. Not there: p2p:0:1-0\n']);
    const discarded = await vestnik('discard', b, '--json');
    assert.deepEqual([discarded.code, discarded.stdout], [0, '{"discarded":1,"missing":[]}\n']);
    assert.deepEqual([await redis.xlen('events:p2p'), await redis.xlen(DEAD)], [1, 1]);
    const refusals = await Promise.all([
      vestnik('replay'),
      vestnik('discard', c, '--all'),
      vestnik('discard', c, 'p2p:0:nonsense'),
      vestnik('replay', '--all', '--stream', 'x'),
    ]);
    for (const { code, stdout, stderr } of refusals) {
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^(vestnik|error): [^\n]+\n/);
    }
    assert.equal(await redis.xlen(DEAD), 1);
  });

  test('replay --all moves ten thousand, and keeps its bar from what is no terminal', async () => {
    await die(10_000);
    const { code, stdout, stderr } = await vestnik('replay', '--all');
    assert.deepEqual([code, stdout, stderr], [0, '10000 replayed.\n', '']);
    assert.deepEqual([await redis.xlen('events:p2p'), await redis.xlen(DEAD)], [10_000, 0]);
  });
});

describe('vestnik streams', async () => {
  const { redis, url, kill, start: startRedis } = await startTestRedis();
  const env = { REDIS_URL: url };

  test('shows the facts of every stream', async () => {
    await redis.xgroup('CREATE', 'events:p2p', 'delivery', '0', 'MKSTREAM');
    await redis.xadd('events:p2p', '*', 'event', '{}');
    await redis.xadd('events:p2p', '*', 'event', '{}');
    await redis.xreadgroup('GROUP', 'delivery', 'owner', 'COUNT', 1, 'STREAMS', 'events:p2p', '>');
    await redis.set('events:p2p:lease', 'abcdefgh-secret', 'PX', 60_000);
    await redis.set('events:p2p:epoch', 7);
    const [table, json] = await Promise.all([run(['streams'], env), run(['streams', '--json'], env)]);
    assert.match(table.stdout, /^STREAM +LENGTH +PENDING +OLDEST +OWNER +EPOCH +LEASE +DEAD +PENDING BY ATTEMPTS$/m);
    assert.match(table.stdout, /^events:p2p +2 +1 +[\d.]+ s +abcdefgh +7 +5\d\.\d s +0 +1: 1$/m);
    assert.match(table.stdout, /^events:broadcast +0 +0 +– +nobody +– +– +0 +–$/m);
    const [p2p] = JSON.parse(json.stdout).streams;
    const { oldest_pending_ms, lease, ...facts } = p2p;
    assert.deepEqual(facts, {
      ...{ stream: 'events:p2p', lane: 'p2p', partition: 0, length: 2, pending: 1, dead: 0, attempts: { 1: 1 } },
    });
    assert.deepEqual([oldest_pending_ms >= 0, lease.owner, lease.epoch], [true, 'abcdefgh', 7]);
    assert.doesNotMatch(table.stdout + json.stdout, /secret/);
  });

  test('--watch shows them every second, Redis away or not, until Ctrl-C', async (t) => {
    const { child, printed, ended } = start(['streams', '--watch', '--json'], env);
    t.after(() => child.kill('SIGKILL'));
    const lines = () => printed.stdout.split('\n').filter((line) => line.startsWith('{')).length;
    await eventually(() => assert.equal(lines() >= 2, true), 20_000);
    await kill();
    await eventually(() => assert.match(printed.stderr, /^Redis does not answer: .+$/m), 20_000);
    const before = lines();
    await startRedis();
    await eventually(() => assert.equal(lines() > before, true), 20_000);
    child.kill('SIGINT');
    assert.equal((await ended).code, 0);
    assert.equal(lines(), printed.stdout.trim().split('\n').length, 'nothing but JSON');
  });
});

describe('vestnik vapid-keys', () => {
  const VARIABLES = /^VAPID_PUBLIC_KEY=(B[\w-]{86})\nVAPID_PRIVATE_KEY=([\w-]{43})\n$/;

  test('prints the pair that an installation keeps, made when there is none, as the environment takes it', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'vestnik-command-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const text = await run(['vapid-keys'], {}, folder);
    assert.deepEqual([text.code, text.stderr], [0, '']);
    const [, public_key, private_key] = VARIABLES.exec(text.stdout) ?? [];
    const kept = JSON.parse(await readFile(join(folder, '.data', 'vapid-keys.json'), 'utf8'));
    assert.deepEqual(kept, { public_key, private_key });
    const json = await run(['vapid-keys', '--json'], {}, folder);
    assert.deepEqual(JSON.parse(json.stdout), kept);

    const fresh = await run(['vapid-keys', '--new'], {}, folder);
    const [, VAPID_PUBLIC_KEY = '', VAPID_PRIVATE_KEY = ''] = VARIABLES.exec(fresh.stdout) ?? [];
    assert.notEqual(VAPID_PUBLIC_KEY, public_key);
    const given = await run(['vapid-keys'], { VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }, folder);
    assert.equal(given.stdout, fresh.stdout);
  });

  test('ends with one line when the kept pair is damaged', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'vestnik-command-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, '.data'));
    await writeFile(join(folder, '.data', 'vapid-keys.json'), '{}');
    const { code, stdout, stderr } = await run(['vapid-keys'], {}, folder);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^vestnik: .*vapid-keys\.json holds no pair of keys; restore it, .+\n$/);
  });
});

describe('the Redis of a command', () => {
  test('is the private one that runs, which it neither starts nor ends', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'vestnik-command-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const env = { REDIS_URL: '' };
    const none = await run(['streams'], env, folder);
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, /^vestnik: no Redis runs in \.data\/redis: start Vestnik .+, or set REDIS_URL\n$/);
    assert.deepEqual(await readdir(folder), []);

    const server = await startPrivateRedis({ dataDir: join(folder, '.data'), log: createLog('silent') });
    t.after(() => server.stop());
    const found = await run(['streams', '--json'], env, folder);
    assert.deepEqual([found.code, found.stderr], [0, '']);
    const redis = createClient(server.url, {});
    assert.equal(await redis.ping(), 'PONG');
    redis.disconnect();
    await server.stop();
    assert.equal((await run(['dead', 'list'], env, folder)).code, 1);
  });

  test('is named in one line without its password when it cannot be used', async () => {
    const { code, stdout, stderr } = await run(['streams'], { REDIS_URL: 'redis://user:secret@127.0.0.1:1/0' });
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, 'vestnik: Redis at 127.0.0.1:1 cannot be used: ECONNREFUSED\n');
  });
});
