import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Redis } from 'ioredis';
import { createClient, socketUrl } from '#src/redis/connection.ts';
import { ensureRedisServer } from '#src/redis/server-binary.ts';
import { type Fsync, type LaunchedServer, launchServer, SOCKET_NAME, untilServing } from '#src/redis/server-process.ts';
import { guardProcess } from './process-guard.ts';

const START_DEADLINE_MS = 20_000;

export interface TestRedis {
  /** `unix:/…/redis.sock`, the same over restarts. */
  url: string;
  /** A connection that reconnects by itself, for the test's own looks at the data. */
  redis: Redis;
  /** The running server's pid. */
  pid(): number;
  /** Another connection, closed with the server. */
  connect(): Redis;
  /** Ends the server with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same socket and data; nothing while it runs. */
  start(): Promise<void>;
  /** FLUSHALL: a wiped Redis. */
  flush(): Promise<void>;
}

/** What a server lives for: a test, or a program that runs its cleanups itself. */
interface Scope {
  after(cleanup: () => Promise<void>): void;
}

/**
 * A throw-away server in a folder of its own. It ends with the test `t`, or with the file when `t` is left out, and also
 * when the test process is killed.
 */
export async function startTestRedis(t?: Scope, options: { fsync?: Fsync } = {}): Promise<TestRedis> {
  const { fsync = 'no' } = options;
  const binary = await ensureRedisServer({ say: (line) => process.stderr.write(`${line}\n`) });
  const dir = await mkdtemp(join(tmpdir(), 'vestnik-redis-'));
  const url = socketUrl(join(dir, SOCKET_NAME));
  const connections: Redis[] = [];
  let server: LaunchedServer | undefined;
  let guard: ChildProcess | undefined;

  let killing: Promise<void> = Promise.resolve();
  const start = async () => {
    await killing;
    if (server?.failure() === null) return;
    server = launchServer(binary, dir, { socket: true }, fsync);
    guard = guardProcess(server.child.pid, dir);
    await untilServing(server, url, dir, START_DEADLINE_MS);
  };
  const end = async () => {
    if (server?.failure() === null) {
      const exited = once(server.child, 'exit');
      server.child.kill('SIGKILL');
      await exited;
    }
    guard?.kill('SIGKILL');
  };
  const kill = () => {
    killing = end();
    return killing;
  };
  const connect = () => {
    const redis = createClient(url, {
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
    });
    // A killed server is part of the test; commands wait for its return.
    redis.on('error', () => undefined);
    connections.push(redis);
    return redis;
  };

  const close = async () => {
    for (const connection of connections) connection.disconnect();
    await kill();
    await rm(dir, { recursive: true, force: true });
  };
  if (t === undefined) after(close);
  else t.after(close);

  await start();
  const redis = connect();
  return {
    url,
    redis,
    pid: () => server?.child.pid ?? 0,
    connect,
    kill,
    start,
    flush: async () => {
      await redis.flushall();
    },
  };
}
