import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { client, installation, killed, log, serverPid, until } from './private-server.fixture.ts';
import { reviveDelay, startPrivateRedis } from './private-server.ts';
import { startMark } from './process-identity.ts';
import { probeServer } from './server-process.ts';

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
