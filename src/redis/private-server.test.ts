import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { createLog } from '../observability/log.ts';
import { createClient } from './connection.ts';
import { type PrivateRedis, reviveDelay, startPrivateRedis } from './private-server.ts';
import { startMark } from './process-identity.ts';
import { probeServer } from './server-process.ts';

const log = createLog('silent');
const APP = fileURLToPath(import.meta.resolve('#test/support/private-redis-app.ts'));

interface Installation {
  dataDir: string;
  /** Starts an app in this process. */
  start(options?: { hungAfterMs: number }): Promise<PrivateRedis>;
  /** Starts an app in a process of its own. */
  startElsewhere(): Promise<{ process: ChildProcess; url: string }>;
}

/** A data folder; all that was started on it ends with the test, a server that nobody ended too. */
async function installation(t: TestContext, name = 'data'): Promise<Installation> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'vestnik-private-')));
  const dataDir = join(root, name);
  const ends: (() => unknown)[] = [];
  t.after(async () => {
    await Promise.all(ends.map((end) => end()));
    await startPrivateRedis({ dataDir, log }).then((server) => server.stop());
    await rm(root, { recursive: true });
  });
  return {
    dataDir,
    start: async (options) => {
      const server = await startPrivateRedis({ dataDir, log, ...options });
      ends.push(server.stop);
      return server;
    },
    startElsewhere: async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', APP, dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      ends.push(() => child.kill('SIGKILL'));
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return { process: child, url: line.toString().trim() };
    },
  };
}

function client(t: TestContext, url: string): Redis {
  const redis = createClient(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // A killed server is part of the test; commands wait for its return.
  redis.on('error', () => undefined);
  t.after(() => redis.disconnect());
  return redis;
}

async function serverPid(url: string): Promise<number> {
  const probe = await probeServer(url);
  assert.equal(probe.kind, 'answers');
  return probe.kind === 'answers' ? probe.facts.pid : 0;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10);
}

async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the private server', () => {
  test('keeps every write on disk, evicts nothing, and ends with its app', async (t) => {
    const app = await installation(t);
    const server = await app.start();
    const redis = client(t, server.url);
    for (const [setting, value] of Object.entries({
      appendonly: 'yes',
      appendfsync: 'always',
      'maxmemory-policy': 'noeviction',
      save: '',
      'protected-mode': 'yes',
      dir: join(app.dataDir, 'redis'),
    }))
      assert.deepEqual(await redis.config('GET', setting), [setting, value]);
    const pid = await serverPid(server.url);
    redis.disconnect();
    await Promise.all([server.stop(), server.stop()]);
    assert.equal(startMark(pid), null);
    assert.deepEqual(await readdir(join(app.dataDir, 'redis', 'users')), []);
    await server.stop();
  });

  test('has its data again after a stop and a start', async (t) => {
    const app = await installation(t);
    const first = await app.start();
    await client(t, first.url).set('key', 'value');
    await first.stop();
    const second = await app.start();
    assert.equal(second.url, first.url);
    assert.equal(await client(t, second.url).get('key'), 'value');
  });

  test('is reached by the printed redis-cli line, also below a path with spaces', async (t) => {
    const server = await (await installation(t, "a b'c")).start();
    const { stdout } = await promisify(execFile)('sh', ['-c', `${server.cli} XLEN events:p2p`]);
    assert.equal(stdout.trim(), '0');
  });

  test('listens on a loopback port where the path is too long for a socket, and keeps it over a restart', async (t) => {
    const app = await installation(t, 'long'.repeat(25));
    const first = await app.start();
    assert.match(first.url, /^redis:\/\/127\.0\.0\.1:\d+$/);
    assert.match(first.cli, /^redis-cli -p \d+$/);
    const pid = await serverPid(first.url);
    process.kill(pid, 'SIGKILL');
    await until(async () => (await probeServer(first.url)).kind === 'answers');
    assert.notEqual(await serverPid(first.url), pid);
  });

  test('is not reached by the signals of the terminal', async (t) => {
    const server = await (await installation(t)).start();
    const pid = await serverPid(server.url);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pgid=', '-p', String(pid)]);
    assert.equal(Number(stdout), pid);
  });
});

describe('several apps on one folder', () => {
  test('share one server when they start at once, and the last one ends it', async (t) => {
    const app = await installation(t);
    const [here, there] = await Promise.all([app.start(), app.startElsewhere()]);
    assert.equal(there.url, here.url);
    const pid = await serverPid(here.url);
    await here.stop();
    assert.equal(await serverPid(there.url), pid);
    const exited = once(there.process, 'exit');
    there.process.kill('SIGTERM');
    await exited;
    assert.equal(startMark(pid), null);
  });

  test('do not count one that was killed', async (t) => {
    const app = await installation(t);
    const there = await app.startElsewhere();
    const here = await app.start();
    const pid = await serverPid(here.url);
    await killed(there.process);
    assert.equal(await serverPid(here.url), pid);
    await here.stop();
    assert.equal(startMark(pid), null);
  });
});

describe('after a kill -9', () => {
  test('of the app, the next start finds the server and uses it again', async (t) => {
    const app = await installation(t);
    const there = await app.startElsewhere();
    const pid = await serverPid(there.url);
    await killed(there.process);
    const here = await app.start();
    assert.equal(await serverPid(here.url), pid);
    await here.stop();
    assert.equal(startMark(pid), null);
  });

  test('of the app and the server, the next start replaces it and loads its data, a torn end included', async (t) => {
    const app = await installation(t);
    const there = await app.startElsewhere();
    await client(t, there.url).set('key', 'value');
    const pid = await serverPid(there.url);
    await killed(there.process);
    process.kill(pid, 'SIGKILL');
    await until(() => startMark(pid) === null);
    const folder = join(app.dataDir, 'redis', 'appendonlydir');
    const incremental = (await readdir(folder)).find((name) => name.endsWith('.incr.aof')) ?? '';
    await writeFile(join(folder, incremental), '*3\r\n$3\r\nSET\r\n$3\r\nke', { flag: 'a' });
    const here = await app.start();
    assert.equal(await client(t, here.url).get('key'), 'value');
  });

  test('of the server, the living app starts it again at the same address', async (t) => {
    const server = await (await installation(t)).start();
    const redis = client(t, server.url);
    await redis.set('key', 'value');
    for (let round = 0; round < 2; round += 1) {
      const pid = await serverPid(server.url);
      process.kill(pid, 'SIGKILL');
      await until(() => startMark(pid) === null);
      assert.equal(await redis.get('key'), 'value');
      assert.notEqual(await serverPid(server.url), pid);
    }
  });

  test('a server that hangs is replaced', async (t) => {
    const app = await installation(t);
    const there = await app.startElsewhere();
    const pid = await serverPid(there.url);
    await killed(there.process);
    process.kill(pid, 'SIGSTOP');
    const here = await app.start({ hungAfterMs: 300 });
    assert.equal(startMark(pid), null);
    assert.notEqual(await serverPid(here.url), pid);
  });
});

describe('what is not ours', () => {
  test('a process whose pid stands in the state file is left alone', async (t) => {
    const app = await installation(t);
    const bystander = spawn('sleep', ['60']);
    t.after(() => bystander.kill());
    const dir = join(app.dataDir, 'redis');
    await mkdir(dir, { recursive: true });
    const state = { dir, url: `unix:${dir}/redis.sock`, pid: bystander.pid, mark: 'another time' };
    await writeFile(join(dir, 'server.json'), JSON.stringify(state));
    const server = await app.start();
    await server.stop();
    assert.notEqual(startMark(bystander.pid ?? 0), null);
  });

  test('the server of another folder is neither used nor ended, though the state file names it', async (t) => {
    const other = await (await installation(t)).start();
    const otherPid = await serverPid(other.url);
    const app = await installation(t);
    await mkdir(join(app.dataDir, 'redis'), { recursive: true });
    const state = { dir: '/elsewhere', url: other.url, pid: otherPid, mark: startMark(otherPid) };
    await writeFile(join(app.dataDir, 'redis', 'server.json'), JSON.stringify(state));
    const server = await app.start();
    assert.notEqual(server.url, other.url);
    await server.stop();
    assert.equal(await serverPid(other.url), otherPid);
  });

  test('a broken state file does no harm', async (t) => {
    const app = await installation(t);
    await mkdir(join(app.dataDir, 'redis'), { recursive: true });
    await writeFile(join(app.dataDir, 'redis', 'server.json'), '{"dir":');
    const server = await app.start();
    await server.stop();
  });
});

test('a server that cannot start is told with the end of its log, and nobody counts as its user', async (t) => {
  const app = await installation(t);
  const findBinary = async () => ({ file: '/bin/false', version: '7.0.0' });
  await assert.rejects(startPrivateRedis({ dataDir: app.dataDir, log, findBinary }), {
    code: 'redis_start_failed',
    message: /code 1/,
  });
  assert.deepEqual(await readdir(join(app.dataDir, 'redis', 'users')), []);
  await assert.rejects(access(join(app.dataDir, 'redis', 'start.lock')));
});

test('restarts come slower and slower, up to a bound', () => {
  assert.deepEqual([1, 2, 3, 4, 100].map(reviveDelay), [0, 100, 200, 400, 10_000]);
});
