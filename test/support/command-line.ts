import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { programArguments } from './node-program.ts';

const CLI = programArguments('#src/cli.ts');

/** The command line as a process of its own. */
export function start(args: string[], env: Record<string, string>, cwd = tmpdir()) {
  const child = spawn(process.execPath, [...CLI, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      printed[name] += String(chunk);
    });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed }));
  return { child, printed, ended };
}

export const run = (args: string[], env: Record<string, string>, cwd?: string) => start(args, env, cwd).ended;
