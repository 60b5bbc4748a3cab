import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { startTelegramSimulator, type TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { readConfig } from '#src/config.ts';
import { type Database, openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from '../support/eventually.ts';
import { startTestRedis } from '../support/redis.ts';
import { startWatchedApp } from '../support/watched-app.ts';

const PROGRAM = '#test/support/measured-app.ts';
const TOKEN = '424242:test';
export const ADMIN_KEY = 'test-admin-key';

/** What a process uses once it is at rest. */
export interface Measure {
  /** Bytes. */
  heap: number;
  /** All memory, that of the sockets too, in bytes. */
  rss: number;
  /** Those that keep the process alive, by type. */
  handles: Record<string, number>;
  /** Open files and sockets. */
  descriptors: number;
  polluted: 'yes' | 'no';
}

/** The product in a process of its own, on a database, a Redis and a Telegram that end with the test file. */
export interface HostileApp {
  port: number;
  telegram: TelegramSimulator;
  /** The app's own, under a connection of the test's. */
  database: Database;
  measure(): Promise<Measure>;
  pid: number;
  /** SIGTERM; answers the exit code. */
  terminate(): Promise<number | null>;
  /** What it logged as an error of its own. */
  failures(): Record<string, unknown>[];
}

export async function startHostileApp(env: Record<string, string> = {}): Promise<HostileApp> {
  const steps: (() => Promise<void>)[] = [];
  const scope = { after: (step: () => Promise<void>) => void steps.push(step) };
  // What was made last goes first.
  after(async () => {
    for (const step of steps.reverse()) await step();
  });
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-hostile-'));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const redis = await startTestRedis(scope);
  const telegram = await startTelegramSimulator({ token: TOKEN, rate: 'unlimited' });
  scope.after(() => telegram.stop());
  const fullEnv = {
    ...{ DATABASE_URL: `sqlite:${join(folder, 'vestnik.sqlite')}`, REDIS_URL: redis.url, ADMIN_API_KEY: ADMIN_KEY },
    ...{ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.apiRoot, BROADCAST_RATE_PER_SECOND: '1000000' },
    LOG_LEVEL: 'info',
    ...env,
  };
  const app = await startWatchedApp(scope, fullEnv, PROGRAM);
  const { DATABASE_URL } = readConfig(fullEnv, folder);
  const database = await openDatabase({ database: DATABASE_URL, log: createLog('silent') });
  scope.after(() => database.close());
  const measured = () => app.lines().filter(({ msg }) => msg === 'measured');
  return {
    port: Number(new URL(app.url).port),
    pid: app.pid,
    telegram,
    database,
    async measure() {
      const count = measured().length;
      process.kill(app.pid, 'SIGUSR2');
      return await eventually(() => {
        const latest = measured()[count];
        if (!latest) throw new Error('it did not measure itself');
        return latest as unknown as Measure;
      });
    },
    terminate: app.terminate,
    failures: () => app.lines().filter(({ level }) => Number(level) >= 50),
  };
}
