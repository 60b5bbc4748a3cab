import type { ReadyMessage } from './ready-message.ts';

/** So many are remembered; then all are forgotten, and a message or two is tried as HTML once more. */
const MAX_REMEMBERED = 10_000;

/** The messages whose HTML Telegram did not take: from then on they go as plain text, also in later attempts. */
export interface RefusedTexts {
  has(message: ReadyMessage): boolean;
  /** True when it is the first of its event. */
  add(message: ReadyMessage): boolean;
  remove(message: ReadyMessage): void;
}

export function createRefusedTexts(): RefusedTexts {
  const events = new Set<string>();
  const messages = new Set<string>();
  return {
    has: (message) => messages.has(messageKey(message)),
    add(message) {
      const key = eventKey(message);
      const isFirst = !events.has(key);
      remember(events, key);
      remember(messages, messageKey(message));
      return isFirst;
    },
    remove: (message) => void messages.delete(messageKey(message)),
  };
}

const eventKey = ({ company_id, event }: ReadyMessage): string => `${company_id}:${event.id}`;
const messageKey = (message: ReadyMessage): string => `${message.person.user_id}:${eventKey(message)}`;

function remember(keys: Set<string>, key: string): void {
  if (keys.size >= MAX_REMEMBERED) keys.clear();
  keys.add(key);
}
