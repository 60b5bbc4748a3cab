import { createBot } from '#src/bot/bot.ts';
import { createTelegramApi } from '#src/channels/telegram-api.ts';
import { openDatabase } from '#src/db/database.ts';
import { createLog } from '#src/observability/log.ts';
import { connectRedis } from '#src/redis/connection.ts';
import { testHandlers } from './bot-handlers.ts';
import { UNLIMITED_SENDS } from './send-budget.ts';

/** A bot as a program of its own: `node bot-app.ts DATABASE_FILE REDIS_URL API_ROOT TOKEN`. Says when a handler froze. */
const [, , path = '', url = '', apiRoot = '', token = ''] = process.argv;
const log = createLog('silent');
const bot = createBot({
  sends: UNLIMITED_SENDS,
  telegram: createTelegramApi({ token, apiRoot }),
  database: await openDatabase({ database: { kind: 'sqlite', path }, log }),
  redis: connectRedis({ url, log }),
  keyPrefix: '',
  composer: testHandlers(async () => {
    process.stdout.write('frozen\n');
    return await new Promise<never>(() => undefined);
  }),
  commands: [],
  background: [],
  onCommitted: () => undefined,
  clock: () => new Date(),
  log,
});
bot.start();
