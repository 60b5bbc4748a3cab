import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { BOT_TOKEN, type BotWorld } from './bot.ts';
import { programArguments } from './node-program.ts';
import { guardProcess } from './process-guard.ts';

const PROGRAM = programArguments('#test/support/bot-app.ts');

/** A bot in a process of its own, on the world's parts. */
export interface BotProcess {
  /** Resolves when a handler stands still in the middle of its transaction. */
  frozen: Promise<void>;
  /** SIGKILL; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
}

export function startBotProcess(t: TestContext, world: BotWorld, databaseFile: string): BotProcess {
  const args = [...PROGRAM, databaseFile, world.redis.url, world.telegram.apiRoot, BOT_TOKEN];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const guard = guardProcess(child.pid);
  const ended = once(child, 'close').then(() => void guard.kill('SIGKILL'));
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  t.after(kill);
  const frozen = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'frozen') resolve();
    });
  });
  return { frozen, kill };
}
