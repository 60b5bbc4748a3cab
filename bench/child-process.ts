import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench-run.ts';
import { type CpuProfile, createCpuProfile } from './cpu-profile.ts';

/** As `npm start` has them: entries under way outlive a small young generation, and are then copied again and again. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/** What a measured process tells about itself when it is ready. */
export interface Ready {
  /** Where it listens. */
  url: string;
}

type Order = 'start-profile' | 'stop-profile' | 'usage';

/** Of one process. */
export interface Usage {
  /** Processor time since its start, in microseconds. */
  cpuMicros: number;
  /** Resident now, in bytes. */
  rssBytes: number;
}

export interface Child extends Ready {
  pid: number;
  /** SIGSTOP stalls it until SIGCONT; after SIGKILL it is of no more use. */
  kill(signal: NodeJS.Signals): void;
  usage(): Promise<Usage>;
  startProfile(): Promise<unknown>;
  stopProfile(): Promise<CpuProfile>;
}

/** Runs a program of this folder (its file's name without the ending) as a process of its own that ends with the bench. Resolves when it serves. */
export async function startChild(bench: Bench, program: string, env: Record<string, string>): Promise<Child> {
  const child = fork(fileURLToPath(new URL(`${program}${extname(import.meta.url)}`, import.meta.url)), {
    env: { ...process.env, ...env },
    execArgv: [...process.execArgv, ...NODE_FLAGS],
    serialization: 'advanced',
  });
  bench.onEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT'); // stalled, it could not end
    if (child.connected) child.disconnect();
    await exited;
  });
  const { url } = (await nextMessage(child)) as Ready;
  const ask = async (order: Order): Promise<unknown> => {
    child.send(order);
    return await nextMessage(child);
  };
  return {
    url,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    usage: async () => (await ask('usage')) as Usage,
    startProfile: () => ask('start-profile'),
    stopProfile: async () => (await ask('stop-profile')) as CpuProfile,
  };
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`a measured process ended with ${code}`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}

/** In the child: says where it listens, obeys, and ends when its parent ends it or is gone. */
export function serveParent(ready: Ready, stop: () => Promise<unknown>): void {
  const profile = createCpuProfile();

  async function obey(order: Order): Promise<unknown> {
    switch (order) {
      case 'usage': {
        const { user, system } = process.cpuUsage();
        return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } satisfies Usage;
      }
      case 'start-profile':
        await profile.start();
        return 'started';
      case 'stop-profile':
        return await profile.stop();
      default:
        return order satisfies never;
    }
  }

  process.on('message', (order: Order) => void obey(order).then((answer) => process.send?.(answer)));
  process.once('disconnect', () => void stop().finally(() => process.exit()));
  // Ctrl-C reaches the whole group; the parent ends its children in order.
  process.on('SIGINT', () => undefined);
  process.send?.(ready);
}
