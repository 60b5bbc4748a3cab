import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startTelegramSimulator, type TelegramSimulator } from '#sandbox/telegram/simulator.ts';
import { type App, createApp } from '#src/app.ts';
import { type AppConfig, readConfig } from '#src/config.ts';
import { type Database, openDatabase } from '#src/db/database.ts';
import { lastOutboxId } from '#src/db/outbox.ts';
import { createLog } from '#src/observability/log.ts';
import { eventually } from './eventually.ts';
import { startTestRedis, type TestRedis } from './redis.ts';

const TOKEN = '424242:test';
const ADMIN_API_KEY = 'test-admin-key';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the JSON it expects and fails where it differs
  body: any;
}

/** The whole product on real parts: HTTP server, SQLite, Redis, and Telegram's simulator. */
export interface Vestnik {
  url: string;
  /** What the installation keeps; its database is in there too. */
  dataDir: string;
  redis: TestRedis;
  telegram: TelegramSimulator;
  /** The app's own, under a connection of the test's. */
  database: Database;
  /** What the app was started with. */
  env: Record<string, string>;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** POST that must answer 201; gives the object. */
  create(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer['body']>;
  /** Resolves when every event that was committed is settled, and no move waits. */
  settled(): Promise<void>;
  /** Ends the app in order and starts another one on the same data. */
  restart(): Promise<void>;
}

export interface VestnikOptions {
  env?: Record<string, string>;
  rate?: Parameters<typeof startTelegramSimulator>[0]['rate'];
  clock?: () => Date;
}

export async function startVestnik(t: TestContext, options: VestnikOptions = {}): Promise<Vestnik> {
  // Hooks run in the order they were registered: the app ends before what it stands on.
  let app: App | undefined;
  t.after(() => app?.stop(AbortSignal.timeout(2000)));
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-app-'));
  const redis = await startTestRedis(t, { fsync: 'always' });
  const telegram = await startTelegramSimulator({ token: TOKEN, rate: options.rate ?? 'unlimited' });
  t.after(() => telegram.stop());
  const env: Vestnik['env'] = {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'vestnik.sqlite')}`,
    REDIS_URL: redis.url,
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    BROADCAST_RATE_PER_SECOND: '1000000',
    ADMIN_API_KEY,
    RETRY_BACKOFF_MS: '30,60',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...options.env,
  };
  const parsed = readConfig(env, folder);
  const database = await openDatabase({ database: parsed.DATABASE_URL, log: createLog('silent') });
  t.after(() => database.close());
  t.after(() => rm(folder, { recursive: true, force: true }));
  const config: AppConfig = { ...parsed, TELEGRAM_BOT_TOKEN: TOKEN, ADMIN_API_KEY };
  const log = createLog(config.LOG_LEVEL);
  const parts = { config, log, ...(options.clock && { clock: options.clock }) };
  app = createApp(parts);
  let url = (await app.start()).url;

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_API_KEY}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }

  return {
    get url() {
      return url;
    },
    dataDir: folder,
    redis,
    telegram,
    database,
    env,
    call,
    async create(path, body, headers) {
      const answer = await call('POST', path, body, headers);
      if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async settled() {
      await eventually(async () => {
        assert.deepEqual(await database.read().execute('SELECT held FROM move_windows WHERE held IS NOT NULL'), []);
        assert.equal(await lastOutboxId(database), 0);
        assert.equal(await redis.redis.xlen('events:p2p'), 0);
        assert.deepEqual(await redis.redis.keys('*:ledger'), []);
        // The markers of /v1/events outlive their events by a day; an outbox's go with them.
        const markers = await redis.redis.keys('*:evt:*');
        const ttls = await Promise.all(markers.map((marker) => redis.redis.pttl(marker)));
        assert.deepEqual(
          ttls.filter((ttl) => ttl < 0),
          [],
        );
      }, 20_000);
    },
    async restart() {
      await app?.stop(AbortSignal.timeout(5000));
      app = createApp(parts);
      url = (await app.start()).url;
    },
  };
}
