import { createApp } from '#src/app.ts';
import { readConfig } from '#src/config.ts';
import { createLog } from '#src/observability/log.ts';
import { serveParent } from './child-process.ts';

/** The product as it runs in production, configured by the environment, in a process of its own. */

const { TELEGRAM_BOT_TOKEN = '', ADMIN_API_KEY = '', ...config } = readConfig(process.env);
const log = createLog(config.LOG_LEVEL);
const app = createApp({ config: { ...config, TELEGRAM_BOT_TOKEN, ADMIN_API_KEY }, log });
const { url } = await app.start();
serveParent({ url }, () => app.stop(AbortSignal.timeout(3000)));
