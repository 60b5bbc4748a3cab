import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { programArguments } from './node-program.ts';
import { guardProcess } from './process-guard.ts';

const START_DEADLINE_MS = 40_000;

/** The product in a process of its own, with all that it prints. */
export interface WatchedApp {
  url: string;
  /** Both outputs, as they came. */
  output(): string;
  /** The lines of its log. */
  lines(): Record<string, unknown>[];
  pid: number;
  /** SIGTERM; answers the exit code, null when a signal ended it. */
  terminate(): Promise<number | null>;
}

/** Resolves when it serves. Killed with the test. */
export async function startWatchedApp(
  t: { after(cleanup: () => Promise<void>): void },
  env: Record<string, string>,
  program = '#src/main.ts',
): Promise<WatchedApp> {
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-watched-'));
  const child = spawn(process.execPath, programArguments(program), {
    cwd: folder,
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const guard = guardProcess(child.pid);
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => {
    guard.kill('SIGKILL');
    return code;
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const url = await eventually(() => {
    const running = lines().find(({ msg }) => msg === 'Vestnik is running');
    if (!running) throw new Error(`it does not run: ${output.slice(-2000)}`);
    return String(running.url);
  }, START_DEADLINE_MS);
  return {
    url,
    output: () => output,
    lines,
    pid: child.pid ?? 0,
    async terminate() {
      child.kill('SIGTERM');
      return await ended;
    },
  };
}
