import { createLog } from '#src/observability/log.ts';
import { startPrivateRedis } from '#src/redis/private-server.ts';

// An app that does nothing but use the private server of the folder it is given, until SIGTERM.
const server = await startPrivateRedis({ dataDir: process.argv[2] ?? '', log: createLog('silent') });
const life = setInterval(() => undefined, 60_000);
process.once('SIGTERM', async () => {
  await server.stop();
  clearInterval(life);
});
process.stdout.write(`${server.url}\n`);
