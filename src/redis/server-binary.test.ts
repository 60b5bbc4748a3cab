import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ensureRedisServer, isVersionAtLeast, parseServerVersion, type RedisMissingError } from './server-binary.ts';
import { type System, thisSystem } from './system.ts';

describe('the version of a server', () => {
  test('is read from Redis and from Valkey', () => {
    assert.equal(parseServerVersion('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64 build=a'), '7.0.15');
    assert.equal(parseServerVersion('Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc bits=64 build=a'), '8.0.1');
  });

  test('is unknown for other programs', () => {
    assert.equal(parseServerVersion('redis-cli 7.0.15'), null);
    assert.equal(parseServerVersion(''), null);
  });

  test('is compared number by number', () => {
    assert.equal(isVersionAtLeast('7.0.0', '7.0.0'), true);
    assert.equal(isVersionAtLeast('10.0.0', '7.0.0'), true);
    assert.equal(isVersionAtLeast('7.2.0-rc1', '7.0.0'), true);
    assert.equal(isVersionAtLeast('6.2.14', '7.0.0'), false);
    assert.equal(isVersionAtLeast('7.0.9', '7.0.15'), false);
  });
});

/** A machine whose commands are scripts in one folder; `ran` collects what was started there. */
async function machine(t: TestContext, programs: Record<string, string>): Promise<System & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-machine-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, version] of Object.entries(programs)) await addProgram(folder, name, version);
  return { folder, folders: [folder], isRoot: true, run: thisSystem().run };
}

async function addProgram(folder: string, name: string, output: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\necho '${output}'\n`);
  await chmod(join(folder, name), 0o755);
}

const silently = () => undefined;

describe('the search for a server', () => {
  test('takes Valkey where there is no Redis', async (t) => {
    const system = await machine(t, { 'valkey-server': 'Valkey server v=8.0.1 sha=0' });
    const server = await ensureRedisServer({ say: silently, system });
    assert.deepEqual(server, { file: join(system.folder, 'valkey-server'), version: '8.0.1' });
  });

  test('passes over a Redis that is too old', async (t) => {
    const programs = { 'redis-server': 'Redis server v=6.2.1 sha=0', 'valkey-server': 'Valkey server v=7.2.5 sha=0' };
    const system = await machine(t, programs);
    assert.equal((await ensureRedisServer({ say: silently, system })).version, '7.2.5');
  });

  test('installs a server, with one line about it, and takes no further step once it is there', async (t) => {
    const system = await machine(t, { 'apt-get': '' });
    const lines: string[] = [];
    const ran: string[] = [];
    const run: System['run'] = async (file, args, options) => {
      if (file !== 'env') return await thisSystem().run(file, args, options);
      ran.push(args.slice(args.indexOf('DPkg::Lock::Timeout=120') + 1).join(' '));
      if (ran.length === 3) await addProgram(system.folder, 'redis-check-rdb', 'Redis server v=7.0.15 sha=0');
      return { code: ran.length === 1 ? 100 : 0, output: 'E: Unable to locate package redis-tools' };
    };
    const server = await ensureRedisServer({ say: (line) => lines.push(line), system: { ...system, run } });
    assert.equal(server.version, '7.0.15');
    assert.deepEqual(ran, [
      'install -y --no-install-recommends redis-tools',
      'update',
      'install -y --no-install-recommends redis-tools',
    ]);
    assert.equal(lines.length, 1);
  });

  test('names three ways out in one line when the install fails', async (t) => {
    const system = await machine(t, { 'apt-get': '', 'redis-server': 'Redis server v=6.0.16 sha=0' });
    const run: System['run'] = async (file, args, options) =>
      file === 'env' ? { code: 100, output: 'E: no network\n' } : await thisSystem().run(file, args, options);
    const refused = ensureRedisServer({ say: silently, system: { ...system, run } });
    await assert.rejects(refused, (error: RedisMissingError) => {
      assert.equal(error.code, 'redis_missing');
      assert.doesNotMatch(error.message, /\n/);
      for (const part of ['is 6.0.16', 'E: no network', 'sudo apt-get install', 'REDIS_URL=', 'docker compose up'])
        assert.ok(error.message.includes(part), `${part} is missing in: ${error.message}`);
      return true;
    });
  });

  test('asks for no password: without root it tries sudo, and gives up when sudo would ask', async (t) => {
    const system = await machine(t, { 'apt-get': '' });
    const ran: string[] = [];
    const run: System['run'] = async (file, args) => {
      ran.push([file, ...args].join(' '));
      return { code: 1, output: 'sudo: a password is required' };
    };
    await assert.rejects(ensureRedisServer({ say: silently, system: { ...system, isRoot: false, run } }), {
      code: 'redis_missing',
    });
    assert.deepEqual(ran, ['sudo -n true']);
  });

  test('installs with Homebrew where there is no apt-get', async (t) => {
    const system = await machine(t, { brew: '' });
    const run: System['run'] = async (file, args, options) => {
      if (file !== 'brew') return await thisSystem().run(file, args, options);
      assert.equal(options.env?.HOMEBREW_NO_AUTO_UPDATE, '1');
      await addProgram(system.folder, 'redis-server', 'Redis server v=8.2.0 sha=0');
      return { code: 0, output: '' };
    };
    assert.equal((await ensureRedisServer({ say: silently, system: { ...system, run } })).version, '8.2.0');
  });

  test('finds the real server of this machine', async () => {
    const server = await ensureRedisServer({ say: silently });
    assert.ok(isVersionAtLeast(server.version, '7.0.0'));
  });
});
