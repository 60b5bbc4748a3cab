import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { programArguments } from './node-program.ts';
import { guardProcess } from './process-guard.ts';
import type { TestRedis } from './redis.ts';
import type { Note } from './scripted-handler.ts';

const PROGRAM = programArguments('#test/support/engine-worker-app.ts');

/** An owner of the test's partition in a process of its own. */
export interface EngineProcess {
  /** SIGKILL; resolves when it is gone and all its notes are read. Idempotent. */
  kill(): Promise<void>;
  /** SIGTERM; resolves like `kill`. */
  terminate(): Promise<void>;
  /** Resolves when it ended, whatever the reason. */
  ended: Promise<void>;
  pause(): void;
  resume(): void;
}

/** Resolves when it runs; it owns the partition once the lease is free. Killed with the test. */
export async function startEngineProcess(
  t: TestContext,
  server: TestRedis,
  { by, note }: { by: string; note(note: Note): void },
): Promise<EngineProcess> {
  const child = spawn(process.execPath, [...PROGRAM, server.url, by], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const guard = guardProcess(child.pid);
  const ended = once(child, 'close').then(() => void guard.kill('SIGKILL'));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  t.after(() => end('SIGKILL'));

  const ready = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as Note | { what: 'ready' };
      if (said.what === 'ready') resolve();
      else note(said);
    });
    void ended.then(() => reject(new Error(`${by} ended before it was ready`)));
  });
  await ready;
  return {
    ended,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}
