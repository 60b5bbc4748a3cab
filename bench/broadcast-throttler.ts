import type { Bench } from './bench-run.ts';
import type { BroadcastContender, ContenderOptions } from './broadcast-contender.ts';
import type { OutgoingMessage } from './broadcast-sender.ts';
import { AD_HTML, BOOKING_TEXT, chatsOfBooking, recipientChat } from './broadcast-work.ts';
import { startChild } from './child-process.ts';
import { monotonicMs } from './monotonic-clock.ts';

/** grammY's throttler in one process: it cannot share a budget over several, and nothing survives its end. */
export async function startThrottler(
  bench: Bench,
  settings: 'default' | 'smooth',
  { apiRoot, recipients }: ContenderOptions,
): Promise<BroadcastContender> {
  const child = await startChild(bench, 'broadcast-throttler-process', {
    TELEGRAM_API_ROOT: apiRoot,
    SETTINGS: settings,
  });
  const post = async (path: string, messages: OutgoingMessage[]) => {
    await (await fetch(child.url + path, { method: 'POST', body: JSON.stringify(messages) })).text();
  };
  return {
    senders: [child],
    async startBroadcast() {
      const chats = Array.from({ length: recipients }, (_, index) => recipientChat(index));
      await post(
        '/broadcast',
        chats.map((chat_id) => ({ chat_id, text: AD_HTML })),
      );
    },
    async book(salon) {
      await post(
        '/booking',
        chatsOfBooking(salon).map((chat_id) => ({ chat_id, text: BOOKING_TEXT })),
      );
      return monotonicMs();
    },
    async isFinished() {
      return ((await (await fetch(child.url)).json()) as { left: number }).left === 0;
    },
    // It does not give up.
    admittedLosses: () => Promise.resolve(0),
    leader: () => Promise.resolve(0),
    replace: () => Promise.reject(new Error('what it kept in memory is gone')),
  };
}
