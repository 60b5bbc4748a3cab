import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { programArguments } from './node-program.ts';
import { guardProcess } from './process-guard.ts';

/** The product in a process of its own, beside an app of the test's. */
export interface AppWorker {
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
  /** SIGSTOP: it stands still, and nothing tells it for how long. */
  freeze(): void;
  thaw(): void;
}

/** Resolves when it runs, by default with the role of a worker alone. Killed with the test. */
export async function startAppWorker(
  t: TestContext,
  env: Record<string, string>,
  roles = 'worker',
): Promise<AppWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-worker-'));
  const child = spawn(process.execPath, programArguments('#src/main.ts'), {
    cwd: folder,
    env: { ...process.env, ...env, ROLES: roles, PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const guard = guardProcess(child.pid);
  const ended = once(child, 'close').then(() => void guard.kill('SIGKILL'));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  t.after(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('Vestnik is running')) resolve();
    });
    void ended.then(() => reject(new Error('the process ended before it ran')));
  });
  return { kill, freeze: () => void child.kill('SIGSTOP'), thaw: () => void child.kill('SIGCONT') };
}
