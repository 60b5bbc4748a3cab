import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog } from './observability/log.ts';
import { stopOnSignal } from './run.ts';

/** Runs the app in this process until a signal ends it. Rejects when it cannot start. */
export async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(env);
  const { TELEGRAM_BOT_TOKEN, ADMIN_API_KEY } = config;
  if (TELEGRAM_BOT_TOKEN === undefined)
    throw new ConfigError('TELEGRAM_BOT_TOKEN must be set here; without it, "npm start" runs the sandbox');
  if (ADMIN_API_KEY === undefined) throw new ConfigError('ADMIN_API_KEY must be set: the key of the HTTP API');
  const log = createLog(config.LOG_LEVEL);
  const app = createApp({ config: { ...config, TELEGRAM_BOT_TOKEN, ADMIN_API_KEY }, log });
  stopOnSignal(app, log);
  const { url, redisCli } = await app.start();
  log.info({ url, redis: redisCli ?? 'REDIS_URL' }, 'Vestnik is running');
}
