import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppProcess, createAppProcess } from './app-process.ts';

const START_PAUSE_MS = 300;

/** The processes under test: the first serves the API and works, the others only work. */
export interface Fleet {
  processes: readonly AppProcess[];
  /** Where the API is now; null while it is nowhere. */
  apiUrl(): string | null;
  /** Processes that ended by themselves or did not start. */
  crashes(): string[];
  /** Starts the process and tries again until it serves. Resolves at once when it runs. */
  ensure(index: number): Promise<void>;
  /** The p2p partitions that the process was the last to own: it may also be finishing work in one that it gives away. */
  partitionsOf(index: number): number[];
  stop(): Promise<void>;
}

export function createFleet(options: {
  size: number;
  folder: string;
  env: Record<string, string>;
  say(line: string): void;
}): Fleet {
  const crashes: string[] = [];
  const ownerOf = new Map<number, number>();
  const starting = new Map<number, Promise<void>>();
  let ending = false;
  const processes = Array.from({ length: options.size }, (_, index) => {
    const roles = index === 0 ? 'api,worker' : 'worker';
    return createAppProcess({
      env: { ...options.env, ROLES: roles, PORT: '0' },
      logFile: join(options.folder, `process-${index}.log`),
      onLine(line) {
        const partition = ownedPartition(line);
        if (partition !== null) ownerOf.set(partition, index);
      },
      onCrash(how) {
        crashes.push(`process ${index} ended by itself: ${how}`);
        options.say(`process ${index} ended by itself: ${how}`);
        void ensure(index);
      },
    });
  });

  async function startUntilServing(index: number): Promise<void> {
    const app = processes[index];
    while (app && !ending && !app.isRunning()) {
      try {
        await app.start();
      } catch (error) {
        options.say(`process ${index}: ${String(error)}`);
        await sleep(START_PAUSE_MS);
      }
    }
  }

  async function ensure(index: number): Promise<void> {
    const start = starting.get(index) ?? startUntilServing(index).finally(() => starting.delete(index));
    starting.set(index, start);
    await start;
  }

  return {
    processes,
    apiUrl: () => processes[0]?.url() ?? null,
    crashes: () => crashes,
    ensure,
    partitionsOf: (index) => [...ownerOf].filter(([, owner]) => owner === index).map(([partition]) => partition),
    async stop() {
      ending = true;
      await Promise.all(processes.map((app) => app.kill()));
    },
  };
}

/** What the product logs when it has taken a lease. */
function ownedPartition(line: string): number | null {
  const found = /"stream":"events:p2p(?::\{(\d+)\})?".*"msg":"partition owned"/.exec(line);
  return found && Number(found[1] ?? 0);
}
