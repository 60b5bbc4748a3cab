import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from '#src/redis/server-process.ts';

const run = promisify(execFile);

/** Where Debian keeps the server's binaries; they are not on the PATH. */
const DEBIAN_SERVERS = '/usr/lib/postgresql';

export interface PostgresServer {
  /** Creates an empty database; answers its URL. */
  createDatabase(): Promise<string>;
  /** As a crash does: every connection breaks, what was committed stays. */
  kill(): Promise<void>;
  /** Again after `kill`, on the same port and data. */
  start(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

/** The folder of `initdb` and `postgres`, the newest version; null where no server is installed. */
export async function findPostgres(): Promise<string | null> {
  const versions = await readdir(DEBIAN_SERVERS).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(DEBIAN_SERVERS, newest, 'bin');
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [{ stdout: uid }, { stdout: gid }] = await Promise.all([
    run('id', ['-u', 'postgres']),
    run('id', ['-g', 'postgres']),
  ]);
  return { uid: Number(uid), gid: Number(gid) };
}

async function untilReady(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error('The server has no standard error');
  const lines: string[] = [];
  for await (const line of createInterface(server.stderr)) {
    lines.push(line);
    if (line.includes('database system is ready to accept connections')) {
      server.stderr.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
}

/** A private server in a temporary folder, on a free loopback port, without fsync. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const user = await unprivileged();
  const folder = await mkdtemp(join(tmpdir(), 'vestnik-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C' } };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'vestnik', '--auth=trust', '--no-sync', '-E', 'UTF8'], options);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await untilReady(server);
  }

  /** Immediate shutdown. */
  async function kill(): Promise<void> {
    if (server === null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
    server = null;
  }

  await start();
  let databases = 0;
  return {
    async createDatabase() {
      databases += 1;
      const name = `vestnik_${databases}`;
      await run(join(bin, 'createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'vestnik', name]);
      return `postgresql://vestnik@127.0.0.1:${port}/${name}`;
    },
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}
