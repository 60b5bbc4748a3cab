import type { Redis } from 'ioredis';
import type { Clock } from '#streams/clock.ts';
import { errorCode } from '../../observability/error-code.ts';
import type { Logger } from '../../observability/log.ts';
import { sharedKeys } from './chat-rules.ts';
import { refusedScript } from './send-scripts.ts';

const SHORTEST_MS = 1000;
/** Two chats that Telegram refuses within this time are refused together. */
const TOGETHER_MS = 5000;
/** So many chats a process remembers by itself, for when Redis is away. */
const MAX_KNOWN = 10_000;

/** Chats that Telegram wants left alone for a while. */
export interface ChatHolds {
  /** For how many ms more this process knows the chat to be held; 0 when it does not. */
  leftMs(chatId: number): number;
  /** Holds it in all processes, and broadcasts with it when two chats are refused together. Never rejects. */
  refused(chatId: number, retryAfterMs: number): Promise<void>;
}

export interface KnownChatHolds extends ChatHolds {
  /** How many chats this process knows to be held. */
  count(): number;
}

/** @param key as the gates have it */
export function createChatHolds(deps: {
  redis: Redis;
  key: string;
  clock: Pick<Clock, 'monotonicMs'>;
  log: Logger;
}): KnownChatHolds {
  const { redis, clock, log } = deps;
  const keys = sharedKeys(deps.key);
  /** When each ends, those begun last at the end. */
  const known = new Map<number, number>();

  function leftMs(chatId: number): number {
    const untilMs = known.get(chatId);
    if (untilMs === undefined) return 0;
    const left = untilMs - clock.monotonicMs();
    if (left <= 0) known.delete(chatId);
    return Math.max(0, Math.ceil(left));
  }

  function remember(chatId: number, forMs: number): void {
    const untilMs = clock.monotonicMs() + Math.max(forMs, leftMs(chatId));
    known.delete(chatId);
    if (known.size >= MAX_KNOWN) for (const id of known.keys()) leftMs(id);
    for (const [oldest] of known) {
      if (known.size < MAX_KNOWN) break;
      known.delete(oldest);
    }
    known.set(chatId, untilMs);
  }

  return {
    leftMs,
    count() {
      for (const chatId of known.keys()) leftMs(chatId);
      return known.size;
    },
    async refused(chatId, retryAfterMs) {
      const forMs = Math.max(SHORTEST_MS, Math.ceil(retryAfterMs));
      remember(chatId, forMs);
      try {
        const names = [keys.chat(chatId), keys.broadcasts, keys.lastRefused];
        const broadcastsForMs = await refusedScript.run(redis, names, [chatId, forMs, TOGETHER_MS]);
        if (Number(broadcastsForMs) > 0)
          log.warn({ for_ms: broadcastsForMs }, 'Telegram refuses several chats together: broadcasts wait');
      } catch (error) {
        // The others learn it from Telegram.
        log.warn({ reason: errorCode(error) }, 'only this process knows that Telegram refuses a chat');
      }
    },
  };
}
