import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { programArguments } from '#test/support/node-program.ts';
import { createLog } from '../observability/log.ts';
import { createClient } from './connection.ts';
import { type PrivateRedis, startPrivateRedis } from './private-server.ts';
import { probeServer } from './server-process.ts';

export const log = createLog('silent');
const APP = programArguments('#test/support/private-redis-app.ts');

interface Installation {
  dataDir: string;
  /** Starts an app in this process. */
  start(options?: { hungAfterMs: number }): Promise<PrivateRedis>;
  /** Starts an app in a process of its own. */
  startElsewhere(): Promise<{ process: ChildProcess; url: string }>;
}

/** A data folder; all that was started on it ends with the test, a server that nobody ended too. */
export async function installation(t: TestContext, name = 'data'): Promise<Installation> {
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
      const child = spawn(process.execPath, [...APP, dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      ends.push(() => child.kill('SIGKILL'));
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return { process: child, url: line.toString().trim() };
    },
  };
}

export function client(t: TestContext, url: string): Redis {
  const redis = createClient(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  // A killed server is part of the test; commands wait for its return.
  redis.on('error', () => undefined);
  t.after(() => redis.disconnect());
  return redis;
}

export async function serverPid(url: string): Promise<number> {
  const probe = await probeServer(url);
  assert.equal(probe.kind, 'answers');
  return probe.kind === 'answers' ? probe.facts.pid : 0;
}

export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(10);
}

export async function killed(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
