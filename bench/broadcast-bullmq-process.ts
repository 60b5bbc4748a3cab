import { Worker } from 'bullmq';
import { createClient } from '#src/redis/connection.ts';
import { createApi, type OutgoingMessage, retryAfterMs } from './broadcast-sender.ts';
import { serveParent } from './child-process.ts';

/** A worker of BullMQ that sends to Telegram (TELEGRAM_API_ROOT), no faster than its limiter (LIMIT, JSON). After a 429 the whole queue waits, as BullMQ's manual has it. */

const CONCURRENCY = 30;

const api = createApi(process.env.TELEGRAM_API_ROOT ?? '');
const connection = createClient(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const worker = new Worker<OutgoingMessage>(
  process.env.QUEUE ?? '',
  async ({ data }) => {
    try {
      await api.sendMessage(data.chat_id, data.text, { parse_mode: 'HTML' });
    } catch (error) {
      const waitMs = retryAfterMs(error);
      if (waitMs === null) throw error;
      await worker.rateLimit(waitMs);
      throw Worker.RateLimitError();
    }
  },
  {
    connection,
    concurrency: CONCURRENCY,
    limiter: JSON.parse(process.env.LIMIT ?? '') as { max: number; duration: number },
    removeOnComplete: { count: 0 },
  },
);
worker.on('error', (error) => void process.stderr.write(`BullMQ: ${error.message}\n`));
await worker.waitUntilReady();
serveParent({ url: '' }, async () => {
  await worker.close(true);
  connection.disconnect();
});
