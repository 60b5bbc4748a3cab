import { randomBytes } from 'node:crypto';
import type { ServerMessage } from './firefox-messages.ts';
import { createInbox } from './inbox.ts';
import type { PushMessage, Receiver, Subscription } from './push-message.ts';
import type { Subscriptions } from './subscriptions.ts';

/** One Firefox profile, known by its uaid: its channels, and what waits for it. */
export interface FirefoxDevice {
  readonly uaid: string;
  /** Messages go out through `send` from now on, those that waited at once. The answer ends it. */
  connect(send: (message: ServerMessage) => void): () => void;
  /** The endpoint. @throws {TypeError} for a key that is none. */
  register(channelId: string, applicationServerKey: string): string;
  unregister(channelId: string): void;
  /** The browser has dealt with the message: it is sent no more. */
  acknowledge(messageId: string): void;
  /** Every subscription is gone. */
  forget(): void;
}

const UAID_BYTES = 16;

export function createFirefoxDevice({
  subscriptions,
  wallClock,
}: {
  subscriptions: Subscriptions;
  wallClock: () => number;
}): FirefoxDevice {
  const inbox = createInbox({ wallClock });
  const channels = new Map<string, Subscription>();
  const channelOf = new Map<Subscription, string>();
  let send: ((message: ServerMessage) => void) | undefined;

  const deliver = ({ id, subscription, body }: PushMessage): void => {
    const channelID = channelOf.get(subscription);
    if (channelID === undefined) return;
    const content = body && { data: body.toString('base64url'), headers: { encoding: 'aes128gcm' as const } };
    send?.({ messageType: 'notification', channelID, version: id, ...content });
  };

  const receiver: Receiver = {
    // What is sent waits, too, until it is acknowledged: the connection may be dead already.
    take(message) {
      inbox.keep(message);
      deliver(message);
    },
    decrypt: () => null,
  };

  const unregister = (channelId: string): void => {
    const subscription = channels.get(channelId);
    if (!subscription) return;
    subscription.gone = true;
    channels.delete(channelId);
    channelOf.delete(subscription);
    inbox.discardFor(subscription);
  };

  return {
    uaid: randomBytes(UAID_BYTES).toString('hex'),
    connect(newSend) {
      send = newSend;
      for (const message of inbox.waiting()) deliver(message);
      return () => {
        if (send === newSend) send = undefined;
      };
    },
    register(channelId, applicationServerKey) {
      const subscription = subscriptions.add(receiver, applicationServerKey);
      unregister(channelId);
      channels.set(channelId, subscription);
      channelOf.set(subscription, channelId);
      return subscription.endpoint;
    },
    unregister,
    acknowledge: inbox.discard,
    forget() {
      for (const channelId of channels.keys()) unregister(channelId);
    },
  };
}
