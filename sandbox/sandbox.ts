import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, createApp } from '#src/app.ts';
import { type Config, ConfigError, STOP_DEADLINE_MS } from '#src/config.ts';
import type { Logger } from '#src/observability/log.ts';
import { DEMO_PEOPLE, ensureDemo } from './demo.ts';
import { loopbackAddress, openPhones, type Phones } from './shared-phones.ts';

export interface RunningSandbox {
  apiUrl: string;
  adminApiKey: string;
  phonesUrl: string;
  /** The phones are those of another sandbox of this folder. */
  sharesPhones: boolean;
  /** Null with REDIS_URL. */
  redisCli: string | null;
  /** One line for a shell that books. */
  curl: string;
}

/** The product, the demo studio, and the phones of its people. */
export interface Sandbox {
  /** Leaves nothing running when it rejects. */
  start(): Promise<RunningSandbox>;
  /** Idempotent. */
  stop(deadline: AbortSignal): Promise<void>;
}

export function createSandbox({ config, log }: { config: Config; log: Logger }): Sandbox {
  let phones: Phones | undefined;
  let app: App | undefined;

  async function start(): Promise<RunningSandbox> {
    if (!config.ROLES.includes('api'))
      throw new ConfigError('ROLES must hold api here: the sandbox makes its demo studio through the API');
    const adminApiKey = config.ADMIN_API_KEY ?? (await keptApiKey(config.dataDir));
    const { HOST: host, PORT } = config;
    phones = await openPhones({
      ...{ dataDir: config.dataDir, host, people: DEMO_PEOPLE },
      port: PORT === 0 ? 0 : PORT + 1,
    });
    const telegram = { TELEGRAM_BOT_TOKEN: phones.token, TELEGRAM_API_ROOT: phones.address };
    app = createApp({ config: { ...config, ADMIN_API_KEY: adminApiKey, ...telegram }, log });
    const { url, redisCli } = await app.start();
    const apiUrl = loopbackAddress(url);
    const demo = await ensureDemo({ apiUrl, adminApiKey, simulator: phones });
    const curl = demo.curlExample(new Date());
    phones.showCommand(curl);
    return { apiUrl, adminApiKey, phonesUrl: `${phones.address}/`, sharesPhones: phones.isShared, redisCli, curl };
  }

  async function stop(deadline: AbortSignal): Promise<void> {
    await app?.stop(deadline);
    await phones?.stop();
  }

  return {
    async start() {
      try {
        return await start();
      } catch (error) {
        await stop(AbortSignal.timeout(STOP_DEADLINE_MS));
        throw error;
      }
    },
    stop,
  };
}

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
