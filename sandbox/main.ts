import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { exitWithError, stopOnSignal } from '#src/run.ts';
import { ensureDemo } from './demo.ts';
import { startTelegramSimulator, type TelegramSimulator } from './telegram/simulator.ts';

const TOKEN = '424242:sandbox';

/** Made once, so that a curl line copied yesterday still works today. */
async function keptApiKey(dataDir: string): Promise<string> {
  const path = join(dataDir, 'sandbox-api-key');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = randomBytes(18).toString('base64url');
  await mkdir(dataDir, { recursive: true });
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  return key;
}

/** On the port beside the API's, or on any free one. */
async function startSimulator(host: string, apiPort: number): Promise<TelegramSimulator> {
  const options = { token: TOKEN, host, firstId: Math.floor(Date.now() / 1000) };
  try {
    return await startTelegramSimulator({ ...options, port: apiPort === 0 ? 0 : apiPort + 1 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await startTelegramSimulator(options);
  }
}

try {
  const config = readConfig({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL || 'warn' });
  const log = createLog(config.LOG_LEVEL);
  const ADMIN_API_KEY = config.ADMIN_API_KEY ?? (await keptApiKey(config.dataDir));
  const simulator = await startSimulator(config.HOST, config.PORT);
  const app = createApp({
    config: { ...config, ADMIN_API_KEY, TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: simulator.apiRoot },
    log,
  });
  const sandbox = {
    async stop(deadline: AbortSignal) {
      await app.stop(deadline);
      await simulator.stop();
    },
  };
  stopOnSignal(sandbox, log);

  const { url, redisCli } = await app.start();
  const demo = await ensureDemo({ apiUrl: url, adminApiKey: ADMIN_API_KEY, simulator });
  const curl = demo.curlExample(new Date());
  simulator.showCommand(curl);
  console.log(`
Vestnik runs in the sandbox: no token needed, no message leaves this machine.

  Phones   ${simulator.apiRoot.replace('0.0.0.0', '127.0.0.1')}/
  API      ${url}   (key: ${ADMIN_API_KEY})
  Redis    ${redisCli ?? 'as in REDIS_URL'}

Open the phones, then book a haircut:

${curl}

Ctrl-C stops everything.
`);
} catch (error) {
  exitWithError(error);
}
