import { createECDH, randomBytes } from 'node:crypto';
import ece from 'http_ece';
import { createBoundedList } from './bounded-list.ts';
import { createInbox } from './inbox.ts';
import type { Urgency } from './message-headers.ts';
import type { PushMessage, Receiver } from './push-message.ts';
import type { Subscriptions } from './subscriptions.ts';

/** As a browser's `PushSubscription.toJSON()` gives it. */
export interface SubscriptionJson {
  endpoint: string;
  expirationTime: null;
  keys: { p256dh: string; auth: string };
}

export interface VirtualSubscription extends SubscriptionJson {
  /** From now on the endpoint answers 410. */
  unsubscribe(): void;
}

export interface ReceivedNotification {
  endpoint: string;
  /** Decrypted; null when the message had no body. */
  payload: string | null;
  urgency: Urgency;
  topic: string | undefined;
  ttl: number;
  /** When it was sent and when it came in, Unix time in milliseconds. */
  sentAt: number;
  receivedAt: number;
}

/** A browser whose keys the sandbox knows. */
export interface VirtualBrowser {
  /**
   * Each call makes a subscription of its own; all of one browser share its key pair, so that a hundred thousand are cheap.
   * @param applicationServerKey a P-256 public key in base64url
   */
  subscribe(applicationServerKey: string): VirtualSubscription;
  /** Online at first. Offline, messages wait as long as their TTL says. */
  setOnline(online: boolean): void;
  /** Oldest first. */
  notifications(): ReceivedNotification[];
  clearNotifications(): void;
  /** What came in and could not be decrypted, as a browser drops it silently: the reasons. */
  decryptionErrors(): string[];
  onNotification(listener: (notification: ReceivedNotification) => void): () => void;
}

export interface VirtualBrowserOptions {
  /** How many notifications are kept, 1,000 by default. */
  keepNotifications?: number;
  /** False: messages are taken and thrown away unread, for measurements in which decrypting would count. */
  reads?: boolean;
}

export interface VirtualBrowserDeps {
  subscriptions: Subscriptions;
  wallClock: () => number;
  onProgress: () => void;
}

const AUTH_BYTES = 16;
const KEEP_NOTIFICATIONS = 1_000;
const KEEP_ERRORS = 100;

export function createVirtualBrowser(
  { subscriptions, wallClock, onProgress }: VirtualBrowserDeps,
  { keepNotifications = KEEP_NOTIFICATIONS, reads = true }: VirtualBrowserOptions = {},
): VirtualBrowser {
  const privateKey = createECDH('prime256v1');
  const p256dh = privateKey.generateKeys('base64url');
  const authSecret = randomBytes(AUTH_BYTES);
  const keys = { p256dh, auth: authSecret.toString('base64url') };
  const inbox = createInbox({ wallClock });
  const notifications = createBoundedList<ReceivedNotification>(keepNotifications);
  const errors = createBoundedList<string>(KEEP_ERRORS);
  const listeners = new Set<(notification: ReceivedNotification) => void>();
  let isOnline = true;

  const decrypt = (body: Buffer): Buffer => ece.decrypt(body, { version: 'aes128gcm', privateKey, authSecret });

  const show = ({ subscription, body, urgency, topic, ttl, sentAt }: PushMessage): void => {
    if (!reads) return;
    let payload: string | null;
    try {
      payload = body && decrypt(body).toString();
    } catch (error) {
      errors.add(String(error));
      return;
    }
    const { endpoint } = subscription;
    const notification = { endpoint, payload, urgency, topic, ttl, sentAt, receivedAt: wallClock() };
    notifications.add(notification);
    for (const listener of listeners) listener(notification);
  };

  const receiver: Receiver = {
    take(message) {
      if (isOnline) show(message);
      else inbox.keep(message);
    },
    decrypt,
  };

  return {
    subscribe(applicationServerKey) {
      const subscription = subscriptions.add(receiver, applicationServerKey);
      return {
        endpoint: subscription.endpoint,
        expirationTime: null,
        keys,
        unsubscribe() {
          subscription.gone = true;
          inbox.discardFor(subscription);
        },
      };
    },
    setOnline(online) {
      isOnline = online;
      if (!online) return;
      for (const message of inbox.waiting()) {
        inbox.discard(message.id);
        show(message);
      }
      onProgress();
    },
    notifications: notifications.all,
    clearNotifications: notifications.clear,
    decryptionErrors: errors.all,
    onNotification(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
