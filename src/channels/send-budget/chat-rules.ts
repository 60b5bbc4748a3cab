import type { Lane } from '../../domain/lanes.ts';

/**
 * The lanes; what the scheduler tells people, such as reminders, which may be many at once and yield to what people wait for; and the
 * broadcasts whose sender pays for more speed (Bot API, `allow_paid_broadcast`).
 */
export type SendClass = Lane | 'scheduled' | 'paid';

/** At most `limit` messages in any `ms`. */
export interface ChatRule {
  name: string;
  limit: number;
  ms: number;
}

/** "No more than one message per second in a chat" (Bots FAQ, "My bot is hitting limits"): short bursts are left to what people wait for. */
const BROADCASTS: ChatRule = { name: 'second', limit: 1, ms: 1000 };
/** "No more than 20 messages per minute in a group" (as above). */
const GROUP: ChatRule = { name: 'minute', limit: 20, ms: 60_000 };

export const isBroadcast = (sendClass: SendClass): boolean => sendClass === 'broadcast' || sendClass === 'paid';

/** Takes a slot only when nobody else waits for one. */
export const yields = (sendClass: SendClass): boolean => sendClass === 'broadcast' || sendClass === 'scheduled';

/** What one chat may get, besides what the gate lets through. Groups have negative ids (Bot API, Chat). */
export function chatRules(sendClass: SendClass, chatId: number): ChatRule[] {
  return [...(isBroadcast(sendClass) ? [BROADCASTS] : []), ...(chatId < 0 ? [GROUP] : [])];
}

/** The keys of what all gates share. @param key what they all begin with */
export function sharedKeys(key: string) {
  return {
    chat: (chatId: number) => `${key}:chat:${chatId}`,
    chatRule: (chatId: number, rule: ChatRule) => `${key}:chat:${chatId}:${rule.name}`,
    broadcasts: `${key}:broadcasts`,
    lastRefused: `${key}:refused`,
  };
}
