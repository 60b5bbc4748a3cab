import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { socketUrl } from '#src/redis/connection.ts';
import { ensureRedisServer } from '#src/redis/server-binary.ts';
import { type Fsync, launchServer, SOCKET_NAME, untilServing } from '#src/redis/server-process.ts';
import type { Bench } from './bench-run.ts';

const START_DEADLINE_MS = 20_000;

/** A Redis of the bench's own, set up as the product sets up its private one; ends with the bench. Answers its URL. */
export async function startRedis(bench: Bench, name: string, fsync: Fsync): Promise<string> {
  const binary = await ensureRedisServer({ say: bench.say });
  const dir = join(bench.folder, name);
  await mkdir(dir, { recursive: true });
  const url = socketUrl(join(dir, SOCKET_NAME));
  const server = launchServer(binary, dir, { socket: true }, fsync);
  // Waits for the end of this process, whatever ends it, and takes the server along.
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'guard', String(server.child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  bench.onEnd(async () => {
    if (server.failure() === null) {
      const exited = once(server.child, 'exit');
      server.child.kill('SIGKILL');
      await exited;
    }
    guard.kill('SIGKILL');
  });
  await untilServing(server, url, dir, START_DEADLINE_MS);
  return url;
}
