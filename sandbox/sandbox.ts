import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, createApp } from '#src/app.ts';
import { type Config, ConfigError, STOP_DEADLINE_MS } from '#src/config.ts';
import type { Logger } from '#src/observability/log.ts';
import { ensureDemo } from './demo.ts';
import { DEMO_PEOPLE, DEMO_PUSH_OWNER } from './demo-people.ts';
import type { PushPlace } from './push-phones.ts';
import { loopbackAddress, openPhones, type Phones } from './shared-phones.ts';

export interface RunningSandbox {
  apiUrl: string;
  adminApiKey: string;
  phonesUrl: string;
  /** The phones are those of another sandbox of this folder. */
  sharesPhones: boolean;
  /** Null with REDIS_URL. */
  redisCli: string | null;
  /** One line for a shell that books for the client with Telegram. */
  curl: string;
  /** The client who has a browser instead. */
  pushClient: { id: number; name: string };
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
      ...{ dataDir: config.dataDir, host, people: DEMO_PEOPLE, pushOwner: DEMO_PUSH_OWNER },
      port: PORT === 0 ? 0 : PORT + 1,
    });
    const telegram = { TELEGRAM_BOT_TOKEN: phones.token, TELEGRAM_API_ROOT: phones.address };
    const push = await pushSettings(config, phones.push);
    app = createApp({ config: { ...config, ADMIN_API_KEY: adminApiKey, ...telegram, ...push }, log });
    const { url, redisCli } = await app.start();
    const apiUrl = loopbackAddress(url);
    const demo = await ensureDemo({ apiUrl, adminApiKey, phones });
    const commands = demo.bookingCommands(new Date());
    phones.showCommands(commands);
    return {
      ...{ apiUrl, adminApiKey, redisCli, phonesUrl: `${phones.address}/`, sharesPhones: phones.isShared },
      curl: commands[0].line,
      pushClient: { id: demo.pushClientId, name: DEMO_PUSH_OWNER.name },
    };
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

/** The push service of the sandbox, beside what the environment allows. */
async function pushSettings(
  config: Config,
  push: PushPlace | null,
): Promise<Pick<Config, 'PUSH_CA_FILE' | 'PUSH_ALLOWED_HOSTS'>> {
  const { PUSH_CA_FILE: ownFile, PUSH_ALLOWED_HOSTS: ownHosts = [] } = config;
  if (!push) return { PUSH_CA_FILE: ownFile, PUSH_ALLOWED_HOSTS: ownHosts };
  const caFile = join(config.dataDir, 'sandbox-push-ca.pem');
  const ownAuthorities = ownFile === undefined ? '' : await readFile(ownFile, 'utf8');
  await writeFile(caFile, `${push.ca}\n${ownAuthorities}`);
  return { PUSH_CA_FILE: caFile, PUSH_ALLOWED_HOSTS: [...ownHosts, new URL(push.origin).host] };
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
