import { Queue } from 'bullmq';
import { createClient } from '#src/redis/connection.ts';
import type { Bench } from './bench-run.ts';
import type { BroadcastContender, ContenderOptions } from './broadcast-contender.ts';
import type { OutgoingMessage } from './broadcast-sender.ts';
import { AD_HTML, BOOKING_TEXT, chatsOfBooking, recipientChat } from './broadcast-work.ts';
import { startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';
import { startRedis } from './redis-server.ts';

const QUEUE = 'messages';
/** 1 is its highest. */
const PRIORITIES = { booking: 1, broadcast: 10 };
const ADDED_AT_ONCE = 500;

/** As its manual has it, and the smoothest it offers. */
const LIMITS = {
  '30/1000': { max: 30, duration: 1000 },
  '1/34': { max: 1, duration: 34 },
} as const;

/** Workers of BullMQ whose limiter is shared through Redis; this process adds the jobs. */
export async function startBullMq(
  bench: Bench,
  limit: keyof typeof LIMITS,
  { apiRoot, recipients, processes }: ContenderOptions,
): Promise<BroadcastContender> {
  const url = await startRedis(bench, 'redis', 'always');
  const connection = createClient(url, { maxRetriesPerRequest: null });
  const queue = new Queue<OutgoingMessage>(QUEUE, { connection });
  bench.onEnd(() => connection.disconnect());
  const env = { REDIS_URL: url, TELEGRAM_API_ROOT: apiRoot, QUEUE, LIMIT: JSON.stringify(LIMITS[limit]) };
  const startWorker = () => startChild(bench, 'broadcast-bullmq-process', env);
  const senders = await Promise.all(Array.from({ length: processes }, startWorker));
  const jobOf = (chat_id: number, kind: keyof typeof PRIORITIES) => ({
    name: kind,
    data: { chat_id, text: kind === 'booking' ? BOOKING_TEXT : AD_HTML },
    opts: { priority: PRIORITIES[kind] },
  });

  return {
    senders,
    async startBroadcast() {
      const jobs = Array.from({ length: recipients }, (_, index) => jobOf(recipientChat(index), 'broadcast'));
      for (let at = 0; at < jobs.length; at += ADDED_AT_ONCE) await queue.addBulk(jobs.slice(at, at + ADDED_AT_ONCE));
    },
    async book(salon) {
      await queue.addBulk(chatsOfBooking(salon).map((chat) => jobOf(chat, 'booking')));
      return monotonicMs();
    },
    isFinished: async () => (await queue.getJobCountByTypes('wait', 'active', 'delayed', 'prioritized')) === 0,
    admittedLosses: async () => await queue.getFailedCount(),
    // All of its workers send.
    leader: () => Promise.resolve(0),
    async replace(sender) {
      senders[sender] = await startWorker();
    },
  };
}
