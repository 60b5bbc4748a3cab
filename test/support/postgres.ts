import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from '#src/redis/server-process.ts';
import { guardProcess } from './process-guard.ts';

const run = promisify(execFile);

/** Where Debian keeps the server's binaries; they are not on the PATH. */
const DEBIAN_SERVERS = '/usr/lib/postgresql';
/** A server, and each of its databases, begins with some hundred files. Without fsync a crash of the machine would lose them anyway. */
const MEMORY = '/dev/shm';
const MEMORY_NEEDED_BYTES = 2 ** 30;

/** The databases of a server that runs, here or in another process. */
export interface PostgresDatabases {
  /** Of the server, without a database. */
  url: string;
  /** Creates a database, empty or a copy of the template, to which nobody may be connected; answers its URL. */
  createDatabase(options?: { name?: string; template?: string }): Promise<string>;
  /** Also of one that somebody is still connected to. */
  dropDatabase(url: string): Promise<void>;
}

export interface PostgresServer extends PostgresDatabases {
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

async function temporaryFolder(): Promise<string> {
  const room = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return await mkdtemp(join(room < MEMORY_NEEDED_BYTES ? tmpdir() : MEMORY, 'vestnik-postgres-'));
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

export function databasesAt(bin: string, url: string): PostgresDatabases {
  const { hostname, port, username } = new URL(url);
  const tell = (program: string, ...args: string[]) =>
    run(join(bin, program), ['-h', hostname, '-p', port, '-U', username, ...args]);
  return {
    url,
    async createDatabase({ name = `vestnik_${randomUUID()}`, template = 'template1' } = {}) {
      await tell('createdb', '-T', template, name);
      return `${url}/${name}`;
    },
    async dropDatabase(database) {
      await tell('dropdb', '--force', basename(database));
    },
  };
}

/** A private server in a folder of its own, on a free loopback port, without fsync. It ends with this process at the latest. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const user = await unprivileged();
  const folder = await temporaryFolder();
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, env: { LC_ALL: 'C' } };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'vestnik', '--auth=trust', '--no-sync', '-E', 'UTF8'], options);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_wal_size: '64MB' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | null = null;
  let guard: ChildProcess | null = null;

  async function start(): Promise<void> {
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    guard = guardProcess(server.pid, folder);
    await untilReady(server);
  }

  /** Immediate shutdown. */
  async function kill(): Promise<void> {
    if (server === null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
    server = null;
    guard?.kill('SIGKILL');
  }

  await start();
  return {
    ...databasesAt(bin, `postgresql://vestnik@127.0.0.1:${port}`),
    kill,
    start,
    async stop() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}
