import type { PushMessage, Subscription } from './push-message.ts';

/** What waits for one browser to come back. */
export interface Inbox {
  /**
   * A message of TTL 0 is not kept (RFC 8030, section 5.2). One with a topic takes the place of its subscription's older
   * one of that topic (section 5.4).
   */
  keep(message: PushMessage): void;
  discard(id: string): void;
  discardFor(subscription: Subscription): void;
  /** Those that have not expired, oldest first. */
  waiting(): PushMessage[];
}

const MAX_WAITING = 1_000;

export function createInbox({ wallClock }: { wallClock: () => number }): Inbox {
  const messages = new Map<string, PushMessage>();

  const discardWhere = (matches: (message: PushMessage) => boolean): void => {
    for (const message of messages.values()) if (matches(message)) messages.delete(message.id);
  };

  return {
    keep(message) {
      const { topic, subscription, ttl, id } = message;
      if (topic !== undefined) discardWhere((old) => old.topic === topic && old.subscription === subscription);
      if (ttl === 0) return;
      messages.set(id, message);
      const [oldest] = messages.keys();
      if (messages.size > MAX_WAITING && oldest !== undefined) messages.delete(oldest);
    },
    discard: (id) => void messages.delete(id),
    discardFor: (subscription) => discardWhere((message) => message.subscription === subscription),
    waiting() {
      const now = wallClock();
      discardWhere(({ sentAt, ttl }) => now >= sentAt + ttl * 1_000);
      return [...messages.values()];
    },
  };
}
