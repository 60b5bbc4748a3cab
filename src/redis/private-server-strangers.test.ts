import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { installation, serverPid } from './private-server.fixture.ts';
import { startMark } from './process-identity.ts';

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
