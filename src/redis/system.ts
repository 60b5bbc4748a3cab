import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter } from 'node:path';

/** Where servers are installed on Debian, by hand, and by Homebrew; searched after the PATH. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

export interface CommandResult {
  /** `null` when the command could not be started, was killed, or took too long. */
  code: number | null;
  /** Standard output and standard error as they came. */
  output: string;
}

export type RunCommand = (
  file: string,
  args: string[],
  options: { timeoutMs: number; argv0?: string; env?: Record<string, string> },
) => Promise<CommandResult>;

/** What the search for a server, and its install, see of the machine. */
export interface System {
  isRoot: boolean;
  /** Where executables are looked for, in this order. */
  folders: string[];
  run: RunCommand;
}

export function thisSystem(env: NodeJS.ProcessEnv = process.env): System {
  const path = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return { isRoot: process.getuid?.() === 0, folders: [...new Set([...path, ...USUAL_FOLDERS])], run: runCommand };
}

/** Runs a command without a terminal and without input, so that it can ask no question. Never rejects. */
const runCommand: RunCommand = (file, args, { timeoutMs, argv0, env }) =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: Math.ceil(timeoutMs),
      killSignal: 'SIGKILL',
      env: { ...process.env, ...env },
      ...(argv0 === undefined ? {} : { argv0 }),
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });

export async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
