import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const START_DEADLINE_MS = 40_000;
/** Longer than a stopping process gives itself. */
const STOP_DEADLINE_MS = 15_000;

/** One process of the product that is ended and started again, with its log in a file. */
export interface AppProcess {
  /** Where it listens; null until it serves. Stays as it was while the process is paused. */
  url(): string | null;
  isRunning(): boolean;
  /** Resolves when it serves. Rejects when it ends first. */
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; answers its exit code, null when it had to be killed. */
  terminate(): Promise<number | null>;
  pause(): void;
  resume(): void;
}

/** Compiles the product where its sources have changed: compiled it starts in a third of the time. */
export async function buildProduct(): Promise<void> {
  const build = spawn(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 2, 2] });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the product could not be built');
}

export function createAppProcess(options: {
  env: Record<string, string>;
  logFile: string;
  /** Told of every line of its log. */
  onLine(line: string): void;
  /** Told when it ends without having been asked to. */
  onCrash(how: string): void;
}): AppProcess {
  let child: ChildProcess | null = null;
  let url: string | null = null;

  function launch(): ChildProcess {
    const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
    const launched = spawn(process.execPath, ['--enable-source-maps', 'dist/src/main.js'], {
      env: { PATH, HOME, ...(TMPDIR !== '' && { TMPDIR }), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const guard = startGuard(launched.pid);
    const log = createWriteStream(options.logFile, { flags: 'a' });
    launched.stderr?.pipe(log, { end: false });
    if (launched.stdout)
      createInterface(launched.stdout).on('line', (line) => {
        log.write(`${line}\n`);
        options.onLine(line);
        if (launched === child) url ??= urlIn(line);
      });
    launched.once('exit', (code, signal) => {
      guard.kill('SIGKILL');
      log.end(`exit ${code ?? signal}\n`);
      if (child !== launched) return;
      child = null;
      url = null;
      options.onCrash(`exit ${code ?? signal}`);
    });
    return launched;
  }

  /** From now on its end is no crash. */
  function dismiss(): ChildProcess | null {
    const dismissed = child;
    child = null;
    url = null;
    return dismissed;
  }

  return {
    url: () => url,
    isRunning: () => child !== null,
    async start() {
      const launched = launch();
      child = launched;
      const giveUpAt = performance.now() + START_DEADLINE_MS;
      while (url === null) {
        if (child !== launched) throw new Error('the process ended while it started');
        if (performance.now() > giveUpAt) throw new Error('the process did not start in time');
        await sleep(20);
      }
    },
    async kill() {
      const dismissed = dismiss();
      if (!dismissed) return;
      const exited = once(dismissed, 'exit');
      dismissed.kill('SIGKILL');
      await exited;
    },
    async terminate() {
      const dismissed = dismiss();
      if (!dismissed) return 0;
      const exited = once(dismissed, 'exit') as Promise<[number | null]>;
      dismissed.kill('SIGTERM');
      const late = setTimeout(() => dismissed.kill('SIGKILL'), STOP_DEADLINE_MS);
      const [code] = await exited;
      clearTimeout(late);
      return code;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

/** What the product logs when it serves. */
function urlIn(line: string): string | null {
  if (!line.includes('Vestnik is running')) return null;
  const { url } = JSON.parse(line) as { url?: string };
  return url ?? null;
}

/** Waits for the end of this process, whatever ends it, and takes the app along. */
function startGuard(pid: number | undefined): ChildProcess {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  return guard;
}
